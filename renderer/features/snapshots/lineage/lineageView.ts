import { create } from 'zustand';
import { selectSnapshot } from '../../../stores/route';

/** Nodes added by each "more" node. */
const STEP = 50;

interface LineageView {
  /** Additional children shown, by the key of their parent. */
  extra: ReadonlyMap<string, number>;
  /** Whether the snapshot was opened from the tree, so that its node takes the focus. */
  openedFromTree: boolean;
}

/** State of the tree that is kept when another of its snapshots is opened. */
export const useLineageView = create<LineageView>(() => ({
  extra: new Map(),
  openedFromTree: false,
}));

export function showMore(parentKey: string): void {
  useLineageView.setState(({ extra }) => ({
    extra: new Map(extra).set(parentKey, (extra.get(parentKey) ?? 0) + STEP),
  }));
}

/** Opens a snapshot's details without leaving the Lineage tab. */
export function openInTree(snapshotId: string): void {
  useLineageView.setState({ openedFromTree: true });
  selectSnapshot(snapshotId);
}

/** Returns and clears whether the current snapshot was opened from the tree. */
export function takeOpenedFromTree(): boolean {
  const { openedFromTree } = useLineageView.getState();
  useLineageView.setState({ openedFromTree: false });
  return openedFromTree;
}
