import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import type { PreviewEntry } from '#shared/contract/schemas/capturePreview';
import { CaptureTreeRow } from './CaptureTreeRow';
import {
  type CaptureNode,
  captureTree,
  excludedAbove,
  isOpenAtFirst,
  rowsOf,
  toggled,
} from './captureTree';

interface CaptureTreeProps {
  entries: PreviewEntry[];
  /** Size of the new layer in bytes: 100 % of the bars. */
  totalBytes: number;
  excluded: ReadonlySet<string>;
  onExclude: (excluded: ReadonlySet<string>) => void;
}

/**
 * Tree of the files that a capture would include, with a checkbox each. Arrow keys move, expand and
 * collapse; Space toggles.
 */
export function CaptureTree({ entries, totalBytes, excluded, onExclude }: CaptureTreeProps) {
  const nodes = useMemo(() => captureTree(entries), [entries]);
  const [chosenOpen, setChosenOpen] = useState<ReadonlyMap<string, boolean>>(new Map());
  const isOpen = (node: CaptureNode) =>
    chosenOpen.get(node.entry.path) ?? isOpenAtFirst(node, nodes);
  const rows = rowsOf(nodes, isOpen);
  const shown = rows.flatMap((row) => (row.kind === 'node' ? [row.node] : []));
  const [current, setCurrent] = useState<string | null>(null);
  const at = Math.max(
    0,
    shown.findIndex(({ entry }) => entry.path === current),
  );
  const list = useRef<HTMLDivElement>(null);

  const focus = (node: CaptureNode | undefined) => {
    if (!node) return;
    setCurrent(node.entry.path);
    const index = rows.findIndex((row) => row.kind === 'node' && row.node === node);
    (list.current?.children[index] as HTMLElement | undefined)?.focus();
  };
  const setOpen = (node: CaptureNode, open: boolean) => {
    if (node.children.length > 0) {
      setChosenOpen((before) => new Map(before).set(node.entry.path, open));
    }
  };
  const toggle = ({ entry }: CaptureNode) => {
    if (entry.change !== 'removed') onExclude(toggled(entry.path, excluded));
  };
  const parentOf = (node: CaptureNode) => shown.find(({ children }) => children.includes(node));

  const onKeyDown = (event: KeyboardEvent) => {
    const node = shown[at];
    if (!node) return;
    const act: Record<string, () => void> = {
      ArrowDown: () => focus(shown[at + 1]),
      ArrowUp: () => focus(shown[at - 1]),
      Home: () => focus(shown[0]),
      End: () => focus(shown.at(-1)),
      ArrowRight: () =>
        isOpen(node) || node.children.length === 0 ? focus(node.children[0]) : setOpen(node, true),
      ArrowLeft: () =>
        isOpen(node) && node.children.length > 0 ? setOpen(node, false) : focus(parentOf(node)),
      ' ': () => toggle(node),
    };
    const found = act[event.key];
    if (!found || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    found();
  };

  const kept = (node: CaptureNode): 'true' | 'false' | 'mixed' => {
    const { path } = node.entry;
    if (excluded.has(path) || excludedAbove(path, excluded)) return 'false';
    return [...excluded].some((other) => other.startsWith(`${path}/`)) ? 'mixed' : 'true';
  };

  return (
    <div
      className="kept-tree"
      role="tree"
      aria-label="Kept files"
      aria-multiselectable
      ref={list}
      onKeyDown={onKeyDown}
    >
      {rows.map((row) =>
        row.kind === 'rest' ? (
          <CaptureTreeRow.Rest key={`${row.of.entry.path}/`} node={row.of} level={row.level} />
        ) : (
          <CaptureTreeRow
            key={row.node.entry.path}
            {...{ node: row.node, level: row.level, totalBytes }}
            kept={kept(row.node)}
            excludedBy={excludedAbove(row.node.entry.path, excluded)}
            isOpen={row.node.children.length > 0 ? isOpen(row.node) : null}
            isCurrent={shown[at] === row.node}
            onFocus={() => setCurrent(row.node.entry.path)}
            onToggle={() => toggle(row.node)}
            onOpen={(open) => setOpen(row.node, open)}
          />
        ),
      )}
    </div>
  );
}
