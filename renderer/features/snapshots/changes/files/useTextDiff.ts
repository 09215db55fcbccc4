import { useEffect, useState } from 'react';
import { type SandglassError, toSandglassError } from '#shared/errors';
import { operations } from '../../../../api/operations';
import { useEngineReady } from '../../../../stores/engine';

type Comparison = Awaited<ReturnType<typeof operations.contents.compareText>>;

/** Milliseconds that a row must stay selected before its text is requested. */
const DEBOUNCE_MS = 120;

/** Text differences of a file; null while loading. */
export function useTextDiff(fromId: string, toId: string, path: string | null) {
  const [answer, setAnswer] = useState<{
    key: string;
    comparison?: Comparison;
    error?: SandglassError;
  } | null>(null);
  // Part of the key, so that failed requests are repeated when Docker reconnects.
  const ready = useEngineReady();
  const key = `${fromId} ${toId} ${path} ${ready}`;
  useEffect(() => {
    if (path === null) return;
    let isCurrent = true;
    const settle = (result: { comparison?: Comparison; error?: SandglassError }) => {
      if (isCurrent) setAnswer({ key, ...result });
    };
    const timer = window.setTimeout(() => {
      operations.contents.compareText({ fromId, toId, path }).then(
        (comparison) => settle({ comparison }),
        (thrown) => settle({ error: toSandglassError(thrown) }),
      );
    }, DEBOUNCE_MS);
    return () => {
      isCurrent = false;
      window.clearTimeout(timer);
    };
  }, [fromId, toId, path, key]);
  return answer?.key === key ? answer : null;
}
