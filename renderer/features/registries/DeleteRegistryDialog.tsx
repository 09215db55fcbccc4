import { operations } from '../../api/operations';
import { useRegistries } from '../../stores/registries';
import { useCloseDialog } from '../../stores/route';
import { Button } from '../../ui/Button';
import { Dialog, DialogActions } from '../../ui/Dialog';
import { ErrorNote } from '../../ui/ErrorNote';
import { useOperation } from '../../ui/useOperation';

export function DeleteRegistryDialog({ registryId }: { registryId: string }) {
  const closeDialog = useCloseDialog();
  const registry = useRegistries(({ items }) => items.find(({ id }) => id === registryId));
  const { running, error, run } = useOperation();
  if (!registry) return null;
  const remove = async () => {
    await run(async () => {
      await operations.registries.delete({ registry: registryId });
      closeDialog();
    });
  };
  return (
    <Dialog
      title={`Delete ${registry.name}?`}
      description="Its login is deleted. Snapshots built with it are kept."
      onClose={closeDialog}
    >
      {error && <ErrorNote error={error} />}
      <DialogActions>
        <Button onClick={closeDialog}>Cancel</Button>
        <Button variant="danger" disabled={running} onClick={() => void remove()}>
          Delete registry
        </Button>
      </DialogActions>
    </Dialog>
  );
}
