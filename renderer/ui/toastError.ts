import { toast } from 'sonner';
import { toSandglassError } from '#shared/errors';
import { errorText } from './errorText';

/** Shows the error of an operation as a toast, for operations without a dialog. */
export async function toastError(operation: Promise<unknown>): Promise<void> {
  try {
    await operation;
  } catch (thrown) {
    const error = toSandglassError(thrown);
    toast.error(errorText(error), { description: error.hint });
  }
}
