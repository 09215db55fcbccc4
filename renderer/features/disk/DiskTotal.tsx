import { formatBytes } from '#shared/format';
import { useDisk } from '../../stores/disk';
import { go } from '../../stores/route';
import { diskTotal } from './diskParts';
import { useDiskMeasurement } from './useDiskMeasurement';

/** Minimum milliseconds between measurements while the Disk page is not open. */
const MIN_INTERVAL_MS = 15_000;

/** Total disk usage of Docker, linked to the Disk page. */
export function DiskTotal() {
  const usage = useDisk((state) => state.usage);
  useDiskMeasurement(MIN_INTERVAL_MS);
  if (!usage) return null;
  const total = formatBytes(diskTotal(usage));
  return (
    <button
      type="button"
      className="plain-link"
      title="Show disk usage"
      onClick={() => go({ page: 'disk' })}
    >
      {total} on disk
    </button>
  );
}
