import { useState } from 'react';
import type { EngineStatus } from '#shared/contract/engine';
import { operations } from '../../api/operations';
import { Button } from '../../ui/Button';
import { useCountdown } from './useCountdown';
import './engine.css';

/** Full page shown until Docker has been reached for the first time. */
export function EngineMissing({ status }: { status: EngineStatus }) {
  const [retrying, setRetrying] = useState(false);
  const seconds = useCountdown(status.nextAttemptAt);
  if (status.state === 'connecting') {
    return (
      <section className="engine-missing" aria-busy>
        <h1>Connecting to Docker…</h1>
      </section>
    );
  }
  const retry = async () => {
    setRetrying(true);
    await operations.engine.retry().finally(() => setRetrying(false));
  };
  return (
    <section className="engine-missing selectable">
      <h1>Sandglass needs Docker</h1>
      <p>{status.error?.message}</p>
      {status.endpoint && (
        <p className="soft">
          Tried <span className="mono">{status.endpoint}</span> ({status.endpointSource}
          ).
        </p>
      )}
      <p>{status.error?.hint}</p>
      <Button variant="primary" disabled={retrying} onClick={() => void retry()}>
        Retry
      </Button>
      <p className="soft" aria-live="off">
        {retrying || seconds === null ? 'Retrying…' : `Retrying in ${seconds} s.`}
      </p>
    </section>
  );
}
