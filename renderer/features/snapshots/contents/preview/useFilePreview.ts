import { useEffect, useState } from 'react';
import type { FilePreview } from '#shared/contract/contents';
import { type SandglassError, toSandglassError } from '#shared/errors';
import { operations } from '../../../../api/operations';
import { useEngineReady } from '../../../../stores/engine';

/** Milliseconds that a file must stay selected before its preview is requested. */
const DEBOUNCE_MS = 120;

interface State {
  preview: FilePreview | null;
  error: SandglassError | null;
}

const initial: State = { preview: null, error: null };

/** Preview of a file, requested again when Docker reconnects after an error. */
export function useFilePreview(snapshotId: string, path: string) {
  const ready = useEngineReady();
  const [attempt, setAttempt] = useState(0);
  const [state, setState] = useState(initial);
  const [wasReady, setWasReady] = useState(ready);
  if (ready !== wasReady) {
    setWasReady(ready);
    if (ready && state.error) setAttempt(attempt + 1);
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: requests again on each attempt
  useEffect(() => {
    const abort = new AbortController();
    const { signal } = abort;
    const timer = window.setTimeout(() => {
      operations.contents.preview({ snapshotId, path }, { signal }).then(
        (preview) => !signal.aborted && setState({ preview, error: null }),
        (thrown: unknown) =>
          !signal.aborted && setState({ preview: null, error: toSandglassError(thrown) }),
      );
    }, DEBOUNCE_MS);
    return () => {
      window.clearTimeout(timer);
      abort.abort();
    };
  }, [snapshotId, path, attempt]);
  const retry = () => {
    setState(initial);
    setAttempt(attempt + 1);
  };
  return { ...state, retry };
}
