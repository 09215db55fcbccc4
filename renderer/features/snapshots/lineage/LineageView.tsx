import {
  type FocusEvent,
  type KeyboardEvent,
  type MouseEvent,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { useEngineReady } from '../../../stores/engine';
import { compareSnapshots, openSandbox } from '../../../stores/route';
import { useWidth } from '../../../ui/useWidth';
import { bootNow } from '../../common/bootNow';
import { LineageNodeView } from './LineageNodeView';
import type { LineageLayout, PlacedNode } from './lineageLayout';
import { initialView, type View, viewWithNode } from './lineageScroll';
import { openInTree, showMore, takeOpenedFromTree } from './lineageView';
import { ScrollEdges } from './ScrollEdges';
import { useDragPan } from './useDragPan';

interface LineageViewProps {
  layout: LineageLayout;
  currentId: string;
  /** Whether to scale the tree to fit the panel. */
  fits: boolean;
}

/** Performs the default action of a node. */
function open({ item }: PlacedNode): void {
  switch (item.kind) {
    case 'snapshot':
      openInTree(item.snapshot.id);
      break;
    case 'earlier':
      openInTree(item.snapshotId);
      break;
    case 'sandbox':
      openSandbox(item.sandbox.id);
      break;
    case 'more':
      showMore(item.parentKey);
      break;
  }
}

/** Lineage tree with keyboard navigation. */
export function LineageView({ layout, currentId, fits }: LineageViewProps) {
  const { nodes, links, width, height } = layout;
  const scroller = useRef<HTMLDivElement>(null);
  const [activeKey, setActiveKey] = useState(currentId);
  const ready = useEngineReady();
  const drag = useDragPan(scroller);
  const room = useWidth(scroller);
  const scale = fits && room > 0 ? scaleToFit(scroller.current, layout) : 1;
  // The active node may have been deleted.
  const entry =
    nodes.find(({ key }) => key === activeKey) ?? nodes.find(({ key }) => key === currentId);

  const moveTo = (
    viewOf: (layout: LineageLayout, key: string, view: View) => View,
    key: string,
  ) => {
    if (scroller.current) show(scroller.current, scale, (view) => viewOf(layout, key, view));
  };
  // Other changes of the tree do not scroll it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when it opens and when it is resized
  useLayoutEffect(() => {
    if (room === 0) return;
    moveTo(initialView, currentId);
    if (takeOpenedFromTree())
      nodeElement(scroller.current, currentId)?.focus({ preventScroll: true });
  }, [currentId, room, scale]);

  const focus = (key: string | null | undefined) => {
    if (!key) return;
    setActiveKey(key);
    nodeElement(scroller.current, key)?.focus({ preventScroll: true });
    moveTo(viewWithNode, key);
  };
  const compare = ({ key, item }: PlacedNode) => {
    if (item.kind === 'snapshot' && key !== currentId) compareSnapshots(key, currentId);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!entry || event.ctrlKey || event.metaKey || event.altKey) return;
    const index = nodes.indexOf(entry);
    const { item } = entry;
    const moves: Record<string, () => void> = {
      ArrowDown: () => focus(nodes[index + 1]?.key),
      ArrowUp: () => focus(nodes[index - 1]?.key),
      ArrowRight: () => focus(entry.firstChildKey),
      ArrowLeft: () => focus(entry.parentKey),
      Home: () => focus(nodes[0]?.key),
      End: () => focus(nodes.at(-1)?.key),
      Enter: () => open(entry),
      ' ': () => open(entry),
      c: () => compare(entry),
      b: () => {
        if (item.kind !== 'snapshot' || item.snapshot.status !== 'ready' || !ready) return;
        void bootNow(item.snapshot);
      },
    };
    const move = moves[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    move();
  };
  const nodeOf = (target: EventTarget) => {
    const element = (target as Element).closest<HTMLElement>('[data-key]');
    return nodes.find(({ key }) => key === element?.dataset.key);
  };
  /** Makes the focused node the tab stop, however it received the focus. */
  const onFocus = (event: FocusEvent) => {
    const node = nodeOf(event.target);
    if (node) setActiveKey(node.key);
  };
  const onClick = (event: MouseEvent) => {
    const node = nodeOf(event.target);
    if (!node) return;
    setActiveKey(node.key);
    if ((event.target as Element).closest('[data-compare]')) compare(node);
    else open(node);
  };

  return (
    <div className="lineage-frame">
      <div className="lineage-scroller" ref={scroller} {...drag}>
        <div style={{ width: width * scale, height: height * scale }}>
          <div
            className="lineage-plane"
            role="tree"
            aria-label="Lineage"
            style={{ width, height, transform: `scale(${scale})` }}
            onFocus={onFocus}
            onKeyDown={onKeyDown}
            onClick={onClick}
          >
            <svg width={width} height={height} aria-hidden>
              {links.map(({ key, path }) => (
                <path key={key} d={path} />
              ))}
            </svg>
            {nodes.map((node) => (
              <LineageNodeView
                key={node.key}
                node={node}
                isCurrent={node.key === currentId}
                isTabStop={node === entry}
              />
            ))}
          </div>
        </div>
      </div>
      <ScrollEdges scroller={scroller} />
    </div>
  );
}

/** Scrolls the tree to a view. */
function show(scroller: HTMLElement, scale: number, toView: (view: View) => View): void {
  const { left, top } = toView({
    left: scroller.scrollLeft / scale,
    top: scroller.scrollTop / scale,
    width: scroller.clientWidth / scale,
    height: scroller.clientHeight / scale,
  });
  scroller.scrollTo(left * scale, top * scale);
}

function nodeElement(scroller: HTMLElement | null, key: string): HTMLElement | null {
  return scroller?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`) ?? null;
}

/** Scale that fits the tree into the panel, between 0.25 and 1. */
function scaleToFit(scroller: HTMLElement | null, { width, height }: LineageLayout): number {
  if (!scroller) return 1;
  const scale = Math.min(scroller.clientWidth / width, scroller.clientHeight / height);
  return Math.max(0.25, Math.min(1, scale));
}
