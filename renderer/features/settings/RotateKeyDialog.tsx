import { rotateApiKey } from '../../stores/localApi';
import { useCloseDialog } from '../../stores/route';
import { Button } from '../../ui/Button';
import { Dialog, DialogActions } from '../../ui/Dialog';
import { ErrorNote } from '../../ui/ErrorNote';
import { useOperation } from '../../ui/useOperation';

export function RotateKeyDialog() {
  const closeDialog = useCloseDialog();
  const { running, error, run } = useOperation();
  const rotate = async () => {
    if (await run(rotateApiKey)) closeDialog();
  };
  return (
    <Dialog
      title="Generate a new key?"
      description={
        <>
          <p>
            Programs that use the current key are disconnected and refused until you give them the
            new one. The command line picks it up automatically.
          </p>
          <p>Sandboxes and their processes keep running.</p>
        </>
      }
      onClose={closeDialog}
    >
      {error && <ErrorNote error={error} />}
      <DialogActions>
        <Button onClick={closeDialog}>Cancel</Button>
        <Button variant="danger" disabled={running} onClick={() => void rotate()}>
          Generate new key
        </Button>
      </DialogActions>
    </Dialog>
  );
}
