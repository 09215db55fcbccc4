import { type FormEvent, useState } from 'react';
import { sandboxNameSchema } from '#shared/names';
import { operations } from '../../api/operations';
import { openDialog, openSandbox, useCloseDialog } from '../../stores/route';
import { useSnapshots } from '../../stores/snapshots';
import { Button } from '../../ui/Button';
import { Dialog, DialogActions } from '../../ui/Dialog';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorNote } from '../../ui/ErrorNote';
import { Field } from '../../ui/Field';
import { firstIssue } from '../../ui/firstIssue';
import { useOperation } from '../../ui/useOperation';
import { snapshotTitle } from '../snapshots/describeSnapshot';
import { LifetimeFields, lifetimeSeconds } from './LifetimeFields';
import { parseEnv } from './parseEnv';

const MIB = 1024 ** 2;

const emptyForm = { name: '', vcpus: '', memMib: '', workDir: '', user: '', env: '' };

/** Asks what to boot and how; then the sandbox's own page shows the rest. */
export function NewSandboxDialog({ snapshotId }: { snapshotId: string | null }) {
  const closeDialog = useCloseDialog();
  const snapshots = useSnapshots(({ items }) => items).filter(({ status }) => status === 'ready');
  const [chosen, setChosen] = useState(snapshotId ?? snapshots[0]?.id ?? '');
  const [form, setForm] = useState(emptyForm);
  const [lifetimes, setLifetimes] = useState({ idleMinutes: '', deleteHours: '' });
  const { running, error, run } = useOperation();
  const set = (field: keyof typeof emptyForm) => (event: { target: { value: string } }) =>
    setForm({ ...form, [field]: event.target.value });
  const nameIssue = form.name === '' ? null : firstIssue(sandboxNameSchema, form.name);
  const env = parseEnv(form.env);
  const errorOf = (field: string) => (error?.field === field ? error.message : null);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    await run(async () => {
      const { sandbox } = await operations.sandboxes.create({
        snapshotId: chosen,
        name: form.name || undefined,
        vcpus: form.vcpus ? Number(form.vcpus) : undefined,
        memBytes: form.memMib ? Math.round(Number(form.memMib) * MIB) : undefined,
        workDir: form.workDir || undefined,
        user: form.user || undefined,
        env: env ?? undefined,
        ...lifetimeSeconds(lifetimes),
      });
      closeDialog();
      openSandbox(sandbox.id, true);
    });
  };

  if (snapshots.length === 0) {
    return (
      <Dialog title="New sandbox" onClose={closeDialog}>
        <EmptyState
          title="There is no snapshot to boot from"
          action={
            <Button look="primary" onClick={() => openDialog({ kind: 'new-snapshot' })}>
              New snapshot
            </Button>
          }
        >
          Build one first, from any Docker image.
        </EmptyState>
      </Dialog>
    );
  }

  return (
    <Dialog
      title="New sandbox"
      description="A disposable machine that boots from a snapshot."
      onClose={closeDialog}
    >
      <form onSubmit={submit}>
        <Field label="Snapshot" error={errorOf('snapshotId')}>
          <select
            className="mono"
            value={chosen}
            onChange={(event) => setChosen(event.target.value)}
          >
            {snapshots.map((snapshot) => (
              <option key={snapshot.id} value={snapshot.id}>
                {snapshotTitle(snapshot)}
              </option>
            ))}
          </select>
        </Field>
        <Field
          label="Name"
          hint="Lowercase letters, digits and dashes. Left empty, one is made up."
          error={nameIssue ?? errorOf('name')}
        >
          <input className="mono" value={form.name} onChange={set('name')} />
        </Field>
        <details>
          <summary>Limits, lifetime, directory, user and environment</summary>
          <div className="more-fields">
            <div className="field-row">
              <Field label="vCPUs" hint="Empty: no limit." error={errorOf('vcpus')}>
                <input
                  type="number"
                  min="0.01"
                  step="any"
                  value={form.vcpus}
                  onChange={set('vcpus')}
                />
              </Field>
              <Field label="Memory (MiB)" hint="Empty: no limit." error={errorOf('memBytes')}>
                <input type="number" min="6" value={form.memMib} onChange={set('memMib')} />
              </Field>
              <Field label="Directory" error={errorOf('workDir')}>
                <input
                  className="mono"
                  placeholder="/"
                  value={form.workDir}
                  onChange={set('workDir')}
                />
              </Field>
              <Field label="User" error={errorOf('user')}>
                <input
                  className="mono"
                  placeholder="root"
                  value={form.user}
                  onChange={set('user')}
                />
              </Field>
            </div>
            <LifetimeFields value={lifetimes} onChange={setLifetimes} errorOf={errorOf} />
            <Field
              label="Environment"
              hint="One NAME=value on a line."
              error={env === null ? 'Each line is NAME=value.' : errorOf('env')}
            >
              <textarea
                className="mono"
                spellCheck={false}
                value={form.env}
                onChange={set('env')}
              />
            </Field>
          </div>
        </details>
        {error && <ErrorNote error={error} />}
        <DialogActions>
          <Button onClick={closeDialog}>Cancel</Button>
          <Button
            type="submit"
            look="primary"
            disabled={running || nameIssue !== null || env === null || !chosen}
          >
            Create sandbox
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
