import { WrapText } from 'lucide-react';
import { create } from 'zustand';
import { IconButton } from '../../../../ui/Button';
import { CopyButton } from '../../../../ui/CopyButton';

/** As the user had it for the file before. */
const useWrap = create(() => ({ wraps: true }));

/** A text as it is, in its own letters. */
export function TextPreview({ text, isWhole }: { text: string; isWhole: boolean }) {
  const { wraps } = useWrap();
  if (text === '') return <p className="preview-note soft">This file is empty.</p>;
  return (
    <>
      <div className="preview-tools">
        {!isWhole && (
          <span className="soft">The beginning of a longer file: save it for all of it.</span>
        )}
        <IconButton
          label="Wrap long lines"
          aria-pressed={wraps}
          onClick={() => useWrap.setState({ wraps: !wraps })}
        >
          <WrapText size={14} />
        </IconButton>
        <CopyButton label="Copy the text" text={text} />
      </div>
      <pre
        className={`preview-text mono selectable ${wraps ? 'wraps' : ''}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled with the keys
        tabIndex={0}
      >
        {text}
      </pre>
    </>
  );
}
