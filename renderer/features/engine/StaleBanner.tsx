import { operations } from '../../api/operations';
import { useEngine } from '../../stores/engine';
import { Button } from '../../ui/Button';
import { toastError } from '../../ui/toastError';
import { useCountdown } from './useCountdown';
import './engine.css';

/** Says that what is shown may be old, while a Docker that was there is away. */
export function StaleBanner() {
  const { status, wasReady } = useEngine();
  const seconds = useCountdown(status?.nextAttemptAt ?? null);
  if (!status || !wasReady || status.state === 'ready') return null;
  return (
    <div className="stale-banner" role="status">
      <span className="dot bad" />
      <span>
        Docker stopped answering. Showing what was last known.{' '}
        {seconds === null ? 'Trying now…' : `Trying again in ${seconds} s.`}
      </span>
      <Button onClick={() => void toastError(operations.engine.retry())}>Try now</Button>
    </div>
  );
}
