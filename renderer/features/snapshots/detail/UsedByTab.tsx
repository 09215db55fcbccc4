import { useMemo } from 'react';
import type { Snapshot } from '#shared/contract/snapshots';
import { openSandbox } from '../../../stores/route';
import { useSandboxes } from '../../../stores/sandboxes';
import { sandboxDot, sandboxStateText } from '../../common/describeSandbox';

/** Sandboxes that use a snapshot and prevent its deletion. */
export function UsedByTab({ snapshot }: { snapshot: Snapshot }) {
  const all = useSandboxes(({ items }) => items);
  const users = useMemo(
    () => all.filter((sandbox) => sandbox.snapshotId === snapshot.id),
    [all, snapshot.id],
  );
  if (users.length === 0)
    return <p className="soft">No sandbox uses this snapshot. It can be deleted.</p>;
  return (
    <>
      <p className="soft">
        {users.length === 1
          ? 'This sandbox uses the snapshot. Delete it before deleting the snapshot.'
          : `These ${users.length} sandboxes use the snapshot. Delete them before deleting the snapshot.`}
      </p>
      <ul className="detail-users" aria-label="Used by">
        {users.map((sandbox) => (
          <li key={sandbox.id}>
            <button type="button" className="link mono" onClick={() => openSandbox(sandbox.id)}>
              {sandbox.name}
            </button>
            <span className="state soft">
              <span className={`dot ${sandboxDot(sandbox)}`} />
              {sandboxStateText(sandbox)}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
