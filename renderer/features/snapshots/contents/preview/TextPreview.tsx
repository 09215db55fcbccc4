import { WrapText } from 'lucide-react';
import { create } from 'zustand';
import { IconButton } from '../../../../ui/Button';
import { CopyButton } from '../../../../ui/CopyButton';

/** Line wrapping, kept from one file to the next. */
const useWrap = create(() => ({ wraps: true }));

/** Preview of a text file. */
export function TextPreview({ text, isWhole }: { text: string; isWhole: boolean }) {
  const { wraps } = useWrap();
  if (text === '') return <p className="preview-note soft">This file is empty.</p>;
  return (
    <>
      <div className="preview-tools">
        {!isWhole && (
          <span className="soft">Start of a longer file. Save it to read the rest.</span>
        )}
        <IconButton
          label="Wrap long lines"
          aria-pressed={wraps}
          onClick={() => useWrap.setState({ wraps: !wraps })}
        >
          <WrapText size={14} />
        </IconButton>
        <CopyButton label="Copy text" text={text} />
      </div>
      <pre
        className={`preview-text mono selectable ${wraps ? 'wraps' : ''}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable with the keyboard
        tabIndex={0}
      >
        {text}
      </pre>
    </>
  );
}
