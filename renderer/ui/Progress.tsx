import './Progress.css';

/** Progress bar from 0 to 1; indeterminate if `fraction` is null. */
export function Progress({ fraction, label }: { fraction: number | null; label: string }) {
  return (
    <div
      className={`progress ${fraction === null ? 'unknown' : ''}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={fraction === null ? undefined : Math.round(fraction * 100)}
    >
      <div style={{ width: fraction === null ? undefined : `${fraction * 100}%` }} />
    </div>
  );
}
