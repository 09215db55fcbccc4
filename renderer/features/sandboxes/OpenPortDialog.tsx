import { type FormEvent, useState } from 'react';
import { portNumberSchema } from '#shared/contract/fields';
import { useCloseDialog } from '../../stores/route';
import { useSandbox } from '../../stores/sandboxes';
import { Button } from '../../ui/Button';
import { Dialog, DialogActions } from '../../ui/Dialog';
import { ErrorNote } from '../../ui/ErrorNote';
import { Field } from '../../ui/form/Field';
import { firstIssue } from '../../ui/form/firstIssue';
import { useOperation } from '../../ui/useOperation';

/** Opens any port of a sandbox in the browser, whether or not it is published. */
export function OpenPortDialog({ sandboxId }: { sandboxId: string }) {
  const closeDialog = useCloseDialog();
  const sandbox = useSandbox(sandboxId);
  const [port, setPort] = useState('');
  const { running, error, run } = useOperation();
  const issue = port === '' ? null : firstIssue(portNumberSchema, Number(port));
  if (!sandbox) return null;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const opened = await run(() => window.sandglass.openPort(sandboxId, Number(port)));
    if (opened) closeDialog();
  };

  return (
    <Dialog
      title={`Open a port of ${sandbox.name}`}
      description="Opens a web server in the sandbox, whether or not its port is published. The address works on this computer only and expires after a day."
      onClose={closeDialog}
    >
      <form onSubmit={submit}>
        <Field label="Port" hint="Port that the server listens on, e.g. 3000." error={issue}>
          <input
            inputMode="numeric"
            value={port}
            onChange={(event) => setPort(event.target.value)}
          />
        </Field>
        {error && <ErrorNote error={error} />}
        <DialogActions>
          <Button onClick={closeDialog}>Cancel</Button>
          <Button
            type="submit"
            variant="primary"
            disabled={running || port === '' || issue !== null}
          >
            Open in browser
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
