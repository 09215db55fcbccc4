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

/** Escape closes it, unless it has a meaning where it was pressed: a field with a text in it is emptied. */
function isToClose({ key, defaultPrevented, target }: KeyboardEvent): boolean {
  if (key !== 'Escape' || defaultPrevented) return false;
  return !(target instanceof HTMLInputElement && target.type === 'search' && target.value !== '');
}

export interface SnapshotDetailProps {
  snapshot: Snapshot;
  /** They are about to close: the focus goes to what they lie beside. */
  onClose: () => void;
}

/** Everything about one snapshot, beside the gallery. */
export function SnapshotDetail({ snapshot, onClose }: SnapshotDetailProps) {
  const wanted = useRoute((state) => state.detailTab);
  const open = detailTabs.find(({ id }) => id === wanted) ?? detailTabs[0];
  const { width, setWidth } = useDetailWidth(open?.wide ?? false);
  const title = snapshotTitle(snapshot);
  const tabs = useRef<HTMLDivElement>(null);
  // What had the focus may be gone with the tab that it was in.
  // biome-ignore lint/correctness/useExhaustiveDependencies: when another tab or snapshot is shown
  useEffect(() => {
    // The old tab goes only after this.
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
      onKeyDown={(event) => isToClose(event) && close()}
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

/** Of what was begun here; other tasks show themselves where they were begun, or on the card. */
function ExportProgress({ snapshotId }: { snapshotId: string }) {
  const task = useTaskOf(snapshotId);
  if (task?.kind !== 'snapshot.export') return null;
  return (
    <div className="detail-task">
      <TaskProgress task={task} />
    </div>
  );
}
