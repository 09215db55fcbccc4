import { useLocalApi } from '../../stores/localApi';
import { go } from '../../stores/route';

/** Warning that the local API failed to start; hidden otherwise. */
export function ApiStatusLine() {
  const status = useLocalApi((state) => state.status);
  if (status?.state !== 'failed') return null;
  return (
    <button
      type="button"
      className="engine-line api-line"
      title={status.error?.message}
      aria-label="The local API is not running: open Settings"
      onClick={() => go({ page: 'settings' })}
    >
      <span className="dot bad" />
      <span className="engine-text">The local API is not running</span>
    </button>
  );
}
