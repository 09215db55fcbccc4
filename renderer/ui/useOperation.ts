import { useState } from 'react';
import { type SandglassError, toSandglassError } from '#shared/errors';

/** Runs the operation of a form or button and tracks its progress and error. */
export function useOperation() {
  const [running, setRunning] = useState(false);
  const [error, setError] = useState<SandglassError | null>(null);
  const run = async (operation: () => Promise<unknown>): Promise<boolean> => {
    setRunning(true);
    setError(null);
    try {
      await operation();
      return true;
    } catch (thrown) {
      setError(toSandglassError(thrown));
      return false;
    } finally {
      setRunning(false);
    }
  };
  return { running, error, run, clear: () => setError(null) };
}
