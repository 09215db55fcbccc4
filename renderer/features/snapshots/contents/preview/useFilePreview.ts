import { useEffect, useState } from 'react';
import type { FilePreview } from '#shared/contract/contents';
import { type SandglassError, toSandglassError } from '#shared/errors';
import { operations } from '../../../../api/operations';
import { useEngineReady } from '../../../../stores/engine';

/** Who walks through a list with the arrows is not read every file. Milliseconds. */
const DEBOUNCE_MS = 120;

interface State {
  preview: FilePreview | null;
  error: SandglassError | null;
}

const nothing: State = { preview: null, error: null };

/** A file as it is shown; asked for again when Docker is back. */
export function useFilePreview(snapshotId: string, path: string) {
  const ready = useEngineReady();
  const [attempt, setAttempt] = useState(0);
  const [state, setState] = useState(nothing);
  const [wasReady, setWasReady] = useState(ready);
  if (ready !== wasReady) {
    setWasReady(ready);
    if (ready && state.error) setAttempt(attempt + 1);
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt is a reason to ask again.
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
    setState(nothing);
    setAttempt(attempt + 1);
  };
  return { ...state, retry };
}
