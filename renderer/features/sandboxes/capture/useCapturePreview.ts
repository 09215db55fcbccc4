import { useCallback, useEffect, useState } from 'react';
import type { CapturePreview } from '#shared/contract/schemas/capturePreview';
import { type SandglassError, toSandglassError } from '#shared/errors';
import { operations } from '../../../api/operations';

export interface CapturePreviewState {
  /** The preview so far; null before its first part arrives. */
  preview: CapturePreview | null;
  state: 'reading' | 'done' | 'stopped' | 'failed';
  error: SandglassError | null;
  stop: () => void;
  restart: () => void;
}

type Outcome = Pick<CapturePreviewState, 'preview' | 'state' | 'error'>;

const initial: Outcome = { preview: null, state: 'reading', error: null };

/** Streams the capture preview of a sandbox while the component is mounted. */
export function useCapturePreview(sandboxId: string): CapturePreviewState {
  const [outcome, setOutcome] = useState(initial);
  const [attempt, setAttempt] = useState(0);
  const isReading = outcome.state === 'reading';
  // biome-ignore lint/correctness/useExhaustiveDependencies: each attempt reads the sandbox again
  useEffect(() => {
    if (!isReading) return;
    const abort = new AbortController();
    void (async () => {
      try {
        const input = { sandbox: sandboxId };
        const previews = await operations.snapshots.previewCapture(input, { signal: abort.signal });
        for await (const preview of previews) {
          if (abort.signal.aborted) return;
          setOutcome({ ...initial, preview });
        }
        if (!abort.signal.aborted) setOutcome((before) => ({ ...before, state: 'done' }));
      } catch (thrown) {
        if (abort.signal.aborted) return;
        const error = toSandglassError(thrown);
        setOutcome((before) => ({ ...before, state: 'failed', error }));
      }
    })();
    return () => abort.abort();
  }, [sandboxId, attempt, isReading]);
  const stop = useCallback(() => setOutcome((before) => ({ ...before, state: 'stopped' })), []);
  const restart = useCallback(() => {
    setOutcome(initial);
    setAttempt((before) => before + 1);
  }, []);
  return { ...outcome, stop, restart };
}
