import { toast } from 'sonner';
import { toSandglassError } from '#shared/errors';
import { errorText } from './errorText';

/** Shows the failure of an operation that has no dialog of its own to show it in. */
export async function toastError(operation: Promise<unknown>): Promise<void> {
  try {
    await operation;
  } catch (thrown) {
    const error = toSandglassError(thrown);
    toast.error(errorText(error), { description: error.hint });
  }
}
