import { Command } from 'cmdk';
import { Layers } from 'lucide-react';
import { useMemo, useState } from 'react';
import { formatCount } from '#shared/format';
import { compareSnapshots, go, useCloseDialog } from '../../../stores/route';
import { useSnapshot, useSnapshots } from '../../../stores/snapshots';
import { Age } from '../../../ui/Age';
import { Dialog } from '../../../ui/Dialog';
import { originText } from '../../common/describeSnapshot';
import { SnapshotTitle } from '../../common/SnapshotTitle';
import { useSnapshotTitles } from '../../common/useSnapshotTitles';
import { candidates } from './comparedSnapshot';
import './CompareDialog.css';

/** Snapshots listed at most; others are found by typing. */
const MAX_SHOWN = 100;

/** Chooses the snapshot to compare with. */
export function CompareDialog({ snapshotId }: { snapshotId: string }) {
  const close = useCloseDialog();
  const snapshot = useSnapshot(snapshotId);
  const snapshots = useSnapshots(({ items }) => items);
  const titleOf = useSnapshotTitles();
  const [text, setText] = useState('');
  const all = useMemo(
    () => (snapshot ? candidates(snapshot, snapshots) : []),
    [snapshot, snapshots],
  );
  const found = useMemo(() => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return all.filter((item) => {
      const searched = `${titleOf(item)} ${originText(item)}`.toLowerCase();
      return words.every((word) => searched.includes(word));
    });
  }, [all, text, titleOf]);
  if (!snapshot) return null;
  return (
    <Dialog title={`Compare ${titleOf(snapshot)} with…`} onClose={close}>
      <Command className="compare-chooser" label="Snapshots" shouldFilter={false} loop>
        <Command.Input
          className="text-input"
          placeholder="Name or origin"
          value={text}
          onValueChange={setText}
          autoFocus
        />
        <Command.List>
          <Command.Empty>
            {all.length === 0 ? 'No other snapshots yet.' : 'No matches.'}
          </Command.Empty>
          {found.slice(0, MAX_SHOWN).map((item) => (
            <Command.Item
              key={item.id}
              value={item.id}
              onSelect={() => {
                close();
                go({ page: 'snapshots' });
                compareSnapshots(item.id, snapshot.id);
              }}
            >
              <Layers size={14} aria-hidden />
              <span className="mono">
                <SnapshotTitle title={titleOf(item)} />
              </span>
              <span className="soft">
                {item.id === snapshot.parentSnapshotId ? 'parent' : originText(item)}
              </span>
              <span className="soft compare-age">
                <Age time={item.createdAt} />
              </span>
            </Command.Item>
          ))}
        </Command.List>
        {found.length > MAX_SHOWN && (
          <p className="soft">
            {`${formatCount(found.length - MAX_SHOWN)} more: type part of the name.`}
          </p>
        )}
      </Command>
    </Dialog>
  );
}
