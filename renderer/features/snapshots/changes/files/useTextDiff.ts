import { useEffect, useState } from 'react';
import { type SandglassError, toSandglassError } from '#shared/errors';
import { operations } from '../../../../api/operations';
import { useEngineReady } from '../../../../stores/engine';

type Comparison = Awaited<ReturnType<typeof operations.contents.compareText>>;

/** While the arrow keys run over rows, texts are not asked for. Milliseconds. */
const DEBOUNCE_MS = 120;

/** How the text of a file differs; nothing while it is on its way. */
export function useTextDiff(fromId: string, toId: string, path: string | null) {
  const [answer, setAnswer] = useState<{
    key: string;
    comparison?: Comparison;
    error?: SandglassError;
  } | null>(null);
  // With Docker back, what could not be read is read.
  const ready = useEngineReady();
  const key = `${fromId} ${toId} ${path} ${ready}`;
  useEffect(() => {
    if (path === null) return;
    let isCurrent = true;
    const tell = (told: { comparison?: Comparison; error?: SandglassError }) => {
      if (isCurrent) setAnswer({ key, ...told });
    };
    const timer = window.setTimeout(() => {
      operations.contents.compareText({ fromId, toId, path }).then(
        (comparison) => tell({ comparison }),
        (thrown) => tell({ error: toSandglassError(thrown) }),
      );
    }, DEBOUNCE_MS);
    return () => {
      isCurrent = false;
      window.clearTimeout(timer);
    };
  }, [fromId, toId, path, key]);
  return answer?.key === key ? answer : null;
}
