import { shortVersion } from '#shared/format';
import { operations } from '../../api/operations';
import { useEngine } from '../../stores/engine';
import { Button } from '../../ui/Button';
import { toastError } from '../../ui/toastError';
import { DiskTotal } from '../disk/DiskTotal';

/** Docker's state in one line; on failure, the error and a Retry button. */
export function EngineStatusLine({ running }: { running: number }) {
  const status = useEngine((state) => state.status);
  if (!status || status.state === 'connecting') {
    return (
      <div className="engine-line" role="status">
        <span className="dot waiting" />
        <span className="engine-text">Connecting to Docker…</span>
      </div>
    );
  }
  if (status.state === 'ready') {
    return (
      <div
        className="engine-line"
        role="status"
        title={`${status.endpoint} (${status.endpointSource})`}
      >
        <span className="dot on" />
        <span className="engine-text">
          Docker {shortVersion(status.version)} · {running} running
          <DiskTotal />
        </span>
      </div>
    );
  }
  return (
    <div className="engine-line" role="status" title={status.error?.message}>
      <span className="dot bad" />
      <div className="engine-text">
        {status.error?.message}
        <br />
        <Button onClick={() => void toastError(operations.engine.retry())}>Retry</Button>
      </div>
    </div>
  );
}
