import type { DiskUsage } from '#shared/contract/disk';
import { formatBytes, formatCount } from '#shared/format';
import { type DiskPart, diskGroups, diskTotal, dockerSize } from './diskParts';
import './UsageBar.css';

/** Docker's disk usage as a bar, with the sums of its groups. */
export function UsageBar({ usage }: { usage: DiskUsage }) {
  const groups = diskGroups(usage);
  const parts = groups.flatMap((group) => group.parts);
  const total = diskTotal(usage);
  return (
    <section className="disk-usage" aria-label="Docker disk usage">
      <p className="disk-total">
        <strong title={exact(total)}>{formatBytes(total)}</strong>
        <span className="soft"> in total</span>
      </p>
      <div className="disk-bar" aria-hidden>
        {parts
          .filter(({ bytes }) => bytes > 0)
          .map((part) => (
            <span
              key={part.id}
              className={`disk-part ${part.id}`}
              style={{ flexGrow: part.bytes / total }}
              title={`${part.label}: ${formatBytes(part.bytes)}`}
            />
          ))}
      </div>
      <dl className="disk-groups">
        {groups.map(({ label, bytes, parts: summands }) => (
          <div key={label} className="disk-group">
            <dt>
              {label} <span title={exact(bytes)}>{formatBytes(bytes)}</span>
            </dt>
            {summands.map((part) => (
              <PartLine key={part.id} part={part} />
            ))}
          </div>
        ))}
      </dl>
      <p className="soft disk-docker selectable">
        <code className="mono">docker system df</code> reports:{' '}
        {groups.map(({ label, bytes }) => `${label} ${dockerSize(bytes)}`).join(' · ')}
      </p>
    </section>
  );
}

function PartLine({ part: { id, label, hint, bytes } }: { part: DiskPart }) {
  return (
    <dd title={hint} className={bytes === 0 ? 'none' : ''}>
      <span className={`disk-swatch ${id}`} aria-hidden />
      <span className="disk-part-label">{label}</span>
      <span title={exact(bytes)}>{formatBytes(bytes)}</span>
    </dd>
  );
}

function exact(bytes: number): string {
  return `${formatCount(bytes)} bytes`;
}
