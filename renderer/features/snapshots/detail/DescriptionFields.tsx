import { useRef } from 'react';
import type { Snapshot } from '#shared/contract/snapshots';
import { operations } from '../../../api/operations';
import { useEngineReady } from '../../../stores/engine';
import { EditInPlace } from '../../../ui/form/EditInPlace';
import { formatPairs, parsePairs } from '../../../ui/form/pairs';
import { LabelList } from './LabelList';

/** Editable note and labels of a snapshot. They are stored in its image. */
export function DescriptionFields({ snapshot }: { snapshot: Snapshot }) {
  const { id, note, labels, status } = snapshot;
  // An image takes one change at a time, so that saves are queued.
  const saved = useRef<Promise<unknown>>(Promise.resolve());
  const save = (change: { note: string } | { labels: Record<string, string> }) => {
    const update = () => operations.snapshots.update({ id, ...change });
    const saving = saved.current.then(update, update);
    saved.current = saving;
    return saving;
  };
  const disabled = !useEngineReady() || status !== 'ready';
  return (
    <>
      <EditInPlace
        label="Note"
        value={note}
        placeholder="Add a note"
        disabled={disabled}
        save={(text) => save({ note: text })}
      >
        {note}
      </EditInPlace>
      <EditInPlace
        label="Labels"
        value={formatPairs(labels)}
        placeholder="Add labels"
        hint="One NAME=value per line; new sandboxes inherit them. Ctrl+Enter saves."
        mono
        lines
        disabled={disabled}
        check={(text) => (parsePairs(text) ? null : 'Each line must be NAME=value.')}
        save={(text) => save({ labels: parsePairs(text) ?? {} })}
      >
        <LabelList labels={labels} />
      </EditInPlace>
    </>
  );
}
