import { useRef } from 'react';
import type { Snapshot } from '#shared/contract/snapshots';
import { operations } from '../../../api/operations';
import { useEngineReady } from '../../../stores/engine';
import { EditInPlace } from '../../../ui/form/EditInPlace';
import { formatPairs, parsePairs } from '../../../ui/form/pairs';
import { LabelList } from './LabelList';

/** A snapshot's note and labels, written into its image when they are changed. */
export function DescriptionFields({ snapshot }: { snapshot: Snapshot }) {
  const { id, note, labels, status } = snapshot;
  // One change at a time is written into an image: the second waits, and is not refused.
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
        invitation="Add a note"
        disabled={disabled}
        save={(text) => save({ note: text })}
      >
        {note}
      </EditInPlace>
      <EditInPlace
        label="Labels"
        value={formatPairs(labels)}
        invitation="Add labels"
        hint="One NAME=value on a line; new sandboxes inherit them. Ctrl+Enter saves."
        mono
        lines
        disabled={disabled}
        check={(text) => (parsePairs(text) ? null : 'Each line is NAME=value.')}
        save={(text) => save({ labels: parsePairs(text) ?? {} })}
      >
        <LabelList labels={labels} />
      </EditInPlace>
    </>
  );
}
