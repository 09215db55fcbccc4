import { formatBytes } from '#shared/format';
import { useDisk } from '../../stores/disk';
import { go } from '../../stores/route';
import { diskTotal } from './diskParts';
import { useMeasured } from './useMeasured';

/** Away from the page, changes are measured only now and then. Milliseconds. */
const MIN_INTERVAL_MS = 15_000;

/** What Docker has in all, as a way to the page that tells more. */
export function DiskTotal() {
  const usage = useDisk((state) => state.usage);
  useMeasured(MIN_INTERVAL_MS);
  if (!usage) return null;
  const total = formatBytes(diskTotal(usage));
  return (
    <button
      type="button"
      className="plain-link"
      title="What takes it, and how to take less"
      onClick={() => go({ page: 'disk' })}
    >
      {total} on the disk
    </button>
  );
}
