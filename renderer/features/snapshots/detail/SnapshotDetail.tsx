import { X } from 'lucide-react';
import { Tabs } from 'radix-ui';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import type { Snapshot } from '#shared/contract/snapshots';
import { type DetailTab, selectSnapshot, showDetailTab, useRoute } from '../../../stores/route';
import { useTaskOf } from '../../../stores/tasks';
import { IconButton } from '../../../ui/Button';
import { TaskProgress } from '../../activity/TaskProgress';
import { snapshotTitle } from '../../common/describeSnapshot';
import { FavouriteButton } from '../FavouriteButton';
import { DetailActions } from './DetailActions';
import { ResizeHandle } from './ResizeHandle';
import { detailTabs } from './tabs';
import { useDetailWidth } from './useDetailWidth';
import './detail.css';

/** Whether a key closes the panel: Escape, except in a search field with text, which it clears. */
function isCloseKey({ key, defaultPrevented, target }: KeyboardEvent): boolean {
  if (key !== 'Escape' || defaultPrevented) return false;
  return !(target instanceof HTMLInputElement && target.type === 'search' && target.value !== '');
}

export interface SnapshotDetailProps {
  snapshot: Snapshot;
  /** Called before the panel closes, to move the focus to the list beside it. */
  onClose: () => void;
}

/** Detail panel of a snapshot. */
export function SnapshotDetail({ snapshot, onClose }: SnapshotDetailProps) {
  const requestedTab = useRoute((state) => state.detailTab);
  const open = detailTabs.find(({ id }) => id === requestedTab) ?? detailTabs[0];
  const { width, setWidth } = useDetailWidth(open?.wide ?? false);
  const title = snapshotTitle(snapshot);
  const tabs = useRef<HTMLDivElement>(null);
  // Restores the focus if the focused element was unmounted with its tab.
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when the tab or snapshot changes
  useEffect(() => {
    // The old tab is unmounted after this effect.
    const frame = requestAnimationFrame(() => {
      if (document.activeElement !== document.body) return;
      tabs.current?.querySelector<HTMLElement>('[aria-selected="true"]')?.focus();
    });
    return () => cancelAnimationFrame(frame);
  }, [open?.id, snapshot.id]);
  const close = () => {
    onClose();
    selectSnapshot(null);
  };
  return (
    <aside
      className="detail"
      aria-label={`Details of ${title}`}
      style={{ width }}
      onKeyDown={(event) => isCloseKey(event) && close()}
    >
      <ResizeHandle width={width} onResize={setWidth} />
      <header className="detail-header">
        <h2 className="mono selectable">{title}</h2>
        <FavouriteButton snapshots={[snapshot]} />
        <DetailActions snapshot={snapshot} />
        <IconButton label="Close details" className="detail-close" onClick={close}>
          <X size={16} />
        </IconButton>
      </header>
      <ExportProgress snapshotId={snapshot.id} />
      <Tabs.Root
        className="detail-tabs"
        value={open?.id}
        onValueChange={(id) => showDetailTab(id as DetailTab)}
      >
        <Tabs.List ref={tabs} className="detail-tab-list" aria-label={`About ${title}`}>
          {detailTabs.map(({ id, label, count }) => (
            <Tabs.Trigger key={id} value={id} className="detail-tab">
              {label}
              {count && count(snapshot) > 0 && (
                <span className="detail-tab-count">{count(snapshot)}</span>
              )}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        {detailTabs.map(({ id, Tab }) => (
          <Tabs.Content key={id} value={id} className="detail-tab-page">
            <Tab key={snapshot.id} snapshot={snapshot} />
          </Tabs.Content>
        ))}
      </Tabs.Root>
    </aside>
  );
}

/** Progress of an export. The card shows the progress of other tasks. */
function ExportProgress({ snapshotId }: { snapshotId: string }) {
  const task = useTaskOf(snapshotId);
  if (task?.kind !== 'snapshot.export') return null;
  return (
    <div className="detail-task">
      <TaskProgress task={task} />
    </div>
  );
}
