import { useState } from 'react';
import { type SandglassError, toSandglassError } from '#shared/errors';

/** Runs one operation at a time for a form or a button, and keeps how it failed. */
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
