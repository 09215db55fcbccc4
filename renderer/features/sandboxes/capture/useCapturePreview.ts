import { useCallback, useEffect, useState } from 'react';
import type { CapturePreview } from '#shared/contract/schemas/capturePreview';
import { type SandglassError, toSandglassError } from '#shared/errors';
import { operations } from '../../../api/operations';

export interface CapturePreviewState {
  /** As far as it is known; null until the first of it has come. */
  preview: CapturePreview | null;
  state: 'reading' | 'done' | 'stopped' | 'failed';
  error: SandglassError | null;
  stop: () => void;
  again: () => void;
}

type Outcome = Pick<CapturePreviewState, 'preview' | 'state' | 'error'>;

const beginning: Outcome = { preview: null, state: 'reading', error: null };

/** Reads what a capture would keep, for as long as it is looked at. */
export function useCapturePreview(sandboxId: string): CapturePreviewState {
  const [outcome, setOutcome] = useState(beginning);
  const [round, setRound] = useState(0);
  const isReading = outcome.state === 'reading';
  // biome-ignore lint/correctness/useExhaustiveDependencies: another round reads the same sandbox again
  useEffect(() => {
    if (!isReading) return;
    const abort = new AbortController();
    void (async () => {
      try {
        const input = { sandbox: sandboxId };
        const told = await operations.snapshots.previewCapture(input, { signal: abort.signal });
        for await (const preview of told) {
          if (abort.signal.aborted) return;
          setOutcome({ ...beginning, preview });
        }
        if (!abort.signal.aborted) setOutcome((before) => ({ ...before, state: 'done' }));
      } catch (thrown) {
        if (abort.signal.aborted) return;
        const error = toSandglassError(thrown);
        setOutcome((before) => ({ ...before, state: 'failed', error }));
      }
    })();
    return () => abort.abort();
  }, [sandboxId, round, isReading]);
  const stop = useCallback(() => setOutcome((before) => ({ ...before, state: 'stopped' })), []);
  const again = useCallback(() => {
    setOutcome(beginning);
    setRound((before) => before + 1);
  }, []);
  return { ...outcome, stop, again };
}
