import { useState } from 'react';
import type { EngineStatus } from '#shared/contract/engine';
import { operations } from '../../api/operations';
import { Button } from '../../ui/Button';
import { useCountdown } from './useCountdown';
import './engine.css';

/** The whole page while Docker has not been reached at all. */
export function EngineMissing({ status }: { status: EngineStatus }) {
  const [trying, setTrying] = useState(false);
  const seconds = useCountdown(status.nextAttemptAt);
  if (status.state === 'connecting') {
    return (
      <section className="engine-missing" aria-busy>
        <h1>Connecting to Docker…</h1>
      </section>
    );
  }
  const retry = async () => {
    setTrying(true);
    await operations.engine.retry().finally(() => setTrying(false));
  };
  return (
    <section className="engine-missing selectable">
      <h1>Sandglass needs Docker</h1>
      <p>{status.error?.message}</p>
      {status.endpoint && (
        <p className="soft">
          Looked for it at <span className="mono">{status.endpoint}</span> ({status.endpointSource}
          ).
        </p>
      )}
      <p>{status.error?.hint}</p>
      <Button variant="primary" disabled={trying} onClick={() => void retry()}>
        Retry
      </Button>
      <p className="soft" aria-live="off">
        {trying || seconds === null ? 'Trying now…' : `Trying again by itself in ${seconds} s.`}
      </p>
    </section>
  );
}
