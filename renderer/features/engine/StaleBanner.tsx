import { operations } from '../../api/operations';
import { useEngine } from '../../stores/engine';
import { Button } from '../../ui/Button';
import { toastError } from '../../ui/toastError';
import { useCountdown } from './useCountdown';
import './engine.css';

/** Banner above stale data, shown while the connection to Docker is lost. */
export function StaleBanner() {
  const { status, wasReady } = useEngine();
  const seconds = useCountdown(status?.nextAttemptAt ?? null);
  if (!status || !wasReady || status.state === 'ready') return null;
  return (
    <div className="stale-banner" role="status">
      <span className="dot bad" />
      <span>
        Docker is not responding. Showing the last known state.{' '}
        {seconds === null ? 'Retrying…' : `Retrying in ${seconds} s.`}
      </span>
      <Button onClick={() => void toastError(operations.engine.retry())}>Retry now</Button>
    </div>
  );
}
