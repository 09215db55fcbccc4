import { type FormEvent, useState } from 'react';
import type { Sandbox } from '#shared/contract/sandboxes';
import { sandboxNameSchema } from '#shared/names';
import { operations } from '../../api/operations';
import { useCloseDialog } from '../../stores/route';
import { useSandbox } from '../../stores/sandboxes';
import { Button } from '../../ui/Button';
import { Dialog, DialogActions } from '../../ui/Dialog';
import { ErrorNote } from '../../ui/ErrorNote';
import { fieldErrors } from '../../ui/errorText';
import { Field } from '../../ui/form/Field';
import { firstIssue } from '../../ui/form/firstIssue';
import { useOperation } from '../../ui/useOperation';
import { LifetimeFields, lifetimeSeconds, lifetimeTexts } from './LifetimeFields';

/** Edits a sandbox's name and lifetimes. */
export function SandboxSettingsDialog({ sandboxId }: { sandboxId: string }) {
  const sandbox = useSandbox(sandboxId);
  return sandbox && <SettingsForm key={sandbox.id} sandbox={sandbox} />;
}

function SettingsForm({ sandbox }: { sandbox: Sandbox }) {
  const closeDialog = useCloseDialog();
  const [name, setName] = useState(sandbox.name);
  const [lifetimes, setLifetimes] = useState(() => lifetimeTexts(sandbox));
  const { running, error, run } = useOperation();
  const nameIssue = firstIssue(sandboxNameSchema, name);
  const errorOf = fieldErrors(error);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const saved = await run(() =>
      operations.sandboxes.update({
        sandbox: sandbox.id,
        name: name === sandbox.name ? undefined : name,
        ...lifetimeSeconds(lifetimes),
      }),
    );
    if (saved) closeDialog();
  };

  return (
    <Dialog title={`Settings for ${sandbox.name}`} onClose={closeDialog}>
      <form onSubmit={submit}>
        <Field label="Name" error={nameIssue ?? errorOf('name')}>
          <input className="mono" value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        <LifetimeFields value={lifetimes} onChange={setLifetimes} errorOf={errorOf} />
        {error && !error.field && <ErrorNote error={error} />}
        <DialogActions>
          <Button onClick={closeDialog}>Cancel</Button>
          <Button type="submit" variant="primary" disabled={running || nameIssue !== null}>
            Save
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
