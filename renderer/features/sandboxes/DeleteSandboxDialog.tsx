import { operations } from '../../api/operations';
import { go, useCloseDialog, useRoute } from '../../stores/route';
import { useSandbox } from '../../stores/sandboxes';
import { Button } from '../../ui/Button';
import { Dialog, DialogActions } from '../../ui/Dialog';
import { ErrorNote } from '../../ui/ErrorNote';
import { useOperation } from '../../ui/useOperation';

/** Confirms deleting a sandbox with its files. */
export function DeleteSandboxDialog({ sandboxId }: { sandboxId: string }) {
  const closeDialog = useCloseDialog();
  const sandbox = useSandbox(sandboxId);
  const { running, error, run } = useOperation();
  if (!sandbox) return null;

  const remove = async () => {
    const isPageOpen = useRoute.getState().route.page === 'sandbox';
    const deleting = run(() => operations.sandboxes.delete({ sandbox: sandboxId }));
    if (isPageOpen) go({ page: 'sandboxes' });
    if (await deleting) closeDialog();
  };

  return (
    <Dialog
      title={`Delete ${sandbox.name}`}
      description="Its files are deleted and its processes are stopped. Snapshots captured from it are kept."
      onClose={closeDialog}
    >
      {error && <ErrorNote error={error} />}
      <DialogActions>
        <Button autoFocus onClick={closeDialog}>
          Cancel
        </Button>
        <Button variant="danger" disabled={running} onClick={() => void remove()}>
          Delete sandbox
        </Button>
      </DialogActions>
    </Dialog>
  );
}
