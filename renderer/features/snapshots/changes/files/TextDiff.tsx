import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef } from 'react';
import type { Hunk } from '#shared/contract/contents';
import { type DiffLine, diffLines } from './diffLines';
import './TextDiff.css';

/** Pixels, as changes.css has it. */
const LINE_HEIGHT = 18;
/** The rest of a line is for an editor: a page of one line would stand still. Characters. */
const MAX_SHOWN = 2000;

/** A unified diff, line by line, with the lines' numbers on both sides. */
export function TextDiff({ hunks, label }: { hunks: readonly Hunk[]; label: string }) {
  const scroller = useRef<HTMLDivElement>(null);
  const lines = useMemo(() => diffLines(hunks), [hunks]);
  const widest = useMemo(
    () => Math.min(MAX_SHOWN, Math.max(0, ...lines.slice(0, 5000).map(({ text }) => text.length))),
    [lines],
  );
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: 20,
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled with the keyboard
    <section className="text-diff mono selectable" aria-label={label} ref={scroller} tabIndex={0}>
      <div
        className="text-diff-canvas"
        style={{ height: virtualizer.getTotalSize(), minWidth: `calc(${widest}ch + 112px)` }}
      >
        {virtualizer.getVirtualItems().map(({ index, start }) => {
          const line = lines[index];
          return (
            line && (
              <div
                key={index}
                className={`text-diff-line ${line.kind}`}
                style={{ transform: `translateY(${start}px)` }}
              >
                <span className="text-diff-number">{line.oldNumber}</span>
                <span className="text-diff-number">{line.newNumber}</span>
                <span className="text-diff-sign">{signs[line.kind]}</span>
                <span>{shown(line.text)}</span>
              </div>
            )
          );
        })}
      </div>
    </section>
  );
}

const signs: Record<DiffLine['kind'], string> = {
  added: '+',
  removed: '-',
  same: ' ',
  note: '\\',
  place: '',
};

function shown(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
