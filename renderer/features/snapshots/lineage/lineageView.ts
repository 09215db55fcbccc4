import { create } from 'zustand';
import { selectSnapshot } from '../../../stores/route';

/** How many more are shown at a time where some were left out. */
const STEP = 50;

interface LineageView {
  /** How many more than usual are shown below a parent, by its key. */
  extra: ReadonlyMap<string, number>;
  /** The snapshot was opened from the tree: its node gets the focus. */
  wasOpenedHere: boolean;
}

/** What outlives the walk from one snapshot of the tree to the next. */
export const useLineageView = create<LineageView>(() => ({
  extra: new Map(),
  wasOpenedHere: false,
}));

export function showMore(parentKey: string): void {
  useLineageView.setState(({ extra }) => ({
    extra: new Map(extra).set(parentKey, (extra.get(parentKey) ?? 0) + STEP),
  }));
}

/** Opens a snapshot's details, with the tree still in sight. */
export function openInTree(snapshotId: string): void {
  useLineageView.setState({ wasOpenedHere: true });
  selectSnapshot(snapshotId);
}

/** Whether the tree opened its snapshot itself; true once. */
export function takeOpenedHere(): boolean {
  const { wasOpenedHere } = useLineageView.getState();
  useLineageView.setState({ wasOpenedHere: false });
  return wasOpenedHere;
}
