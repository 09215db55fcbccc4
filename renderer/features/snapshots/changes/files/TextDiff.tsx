import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef } from 'react';
import type { Hunk } from '#shared/contract/contents';
import { type DiffLine, diffLines } from './diffLines';
import './TextDiff.css';

/** Pixels, matching TextDiff.css. */
const LINE_HEIGHT = 18;
/** Characters shown per line. Rendering longer lines would block the page. */
const MAX_LINE_LENGTH = 2000;

/** Virtualized unified diff with the line numbers of both sides. */
export function TextDiff({ hunks, label }: { hunks: readonly Hunk[]; label: string }) {
  const scroller = useRef<HTMLDivElement>(null);
  const lines = useMemo(() => diffLines(hunks), [hunks]);
  const widest = useMemo(
    () =>
      Math.min(
        MAX_LINE_LENGTH,
        Math.max(0, ...lines.slice(0, 5000).map(({ text }) => text.length)),
      ),
    [lines],
  );
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: 20,
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable with the keyboard
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
  hunk: '',
};

function shown(text: string): string {
  return text.length > MAX_LINE_LENGTH ? `${text.slice(0, MAX_LINE_LENGTH)}…` : text;
}
