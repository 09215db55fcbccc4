import type { TaskControl } from '../tasks';

/**
 * Reports a transfer as a task's progress. Returns the function to call with the bytes of each chunk.
 *
 * @param bytesTotal an estimate: progress stays at it when more bytes are transferred; null if unknown
 */
export function byteProgress(
  control: TaskControl,
  bytesTotal: number | null,
): (bytes: number) => void {
  let transferred = 0;
  return (bytes) => {
    transferred += bytes;
    const bytesDone = bytesTotal === null ? transferred : Math.min(transferred, bytesTotal);
    control.progress({
      bytesDone,
      bytesTotal,
      fraction: bytesTotal ? bytesDone / bytesTotal : null,
    });
  };
}
