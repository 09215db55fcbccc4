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
      title="Make a new key?"
      description={
        <>
          <p>
            Programs that have the present one are refused at once, and what they have open is cut,
            until you give them the new one. The command line finds it by itself.
          </p>
          <p>Sandboxes and what runs in them go on.</p>
        </>
      }
      onClose={closeDialog}
    >
      {error && <ErrorNote error={error} />}
      <DialogActions>
        <Button onClick={closeDialog}>Cancel</Button>
        <Button variant="danger" disabled={running} onClick={() => void rotate()}>
          Make a new key
        </Button>
      </DialogActions>
    </Dialog>
  );
}
