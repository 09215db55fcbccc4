import type { LeftOut } from '#shared/contract/schemas/capturePreview';
import { formatBytes } from '#shared/format';

interface ExcludedListProps {
  leftOut: LeftOut;
  /** Whether missing sizes are still being computed. */
  isCounting: boolean;
  excluded: { count: number; bytes: number };
}

const MAX_NAMES = 6;

/** Lists what the capture leaves out, with the reason. */
export function ExcludedList({ leftOut, isCounting, excluded }: ExcludedListProps) {
  const size = (bytes: number | null) =>
    bytes === null ? (isCounting ? '…' : '') : formatBytes(bytes);
  const { processes, mounts } = leftOut;
  const open = [
    counted(leftOut.terminalCount, 'terminal'),
    counted(leftOut.commandCount, 'command'),
  ].filter((text) => text !== null);
  return (
    <section className="left-out-list" aria-label="Left out">
      <h3>Left out</h3>
      <ul>
        {excluded.count > 0 && (
          <li>
            <span>{counted(excluded.count, 'path')} deselected</span>
            <span className="soft">stays in the sandbox</span>
            <span className="kept-size">{formatBytes(excluded.bytes)}</span>
          </li>
        )}
        <li>
          <span className="mono">/tmp</span>
          <span className="soft">scratch space, never captured</span>
          <span className="kept-size">{size(leftOut.tmpBytes)}</span>
        </li>
        {mounts.map(({ path, sizeBytes }) => (
          <li key={path}>
            <span className="mono ellipsis" title={path}>
              {path}
            </span>
            <span className="soft">mounted, not part of the sandbox’s filesystem</span>
            <span className="kept-size">{size(sizeBytes)}</span>
          </li>
        ))}
        {processes.length > 0 && (
          <li>
            <span className="ellipsis" title={namesOf(processes, processes.length)}>
              {namesOf(processes, MAX_NAMES)}
            </span>
            <span className="soft">running: a capture contains files, not memory</span>
            <span />
          </li>
        )}
        {open.length > 0 && (
          <li>
            <span>{open.join(', ')}</span>
            <span className="soft">stays open in the sandbox</span>
            <span />
          </li>
        )}
      </ul>
    </section>
  );
}

function namesOf(processes: LeftOut['processes'], max: number): string {
  const names = processes
    .slice(0, max)
    .map(({ name, count }) => (count > 1 ? `${name} × ${count}` : name));
  const others = processes.length - max;
  return [...names, ...(others > 0 ? [`${others} more`] : [])].join(', ');
}

function counted(count: number, thing: string): string | null {
  return count === 0 ? null : `${count} ${thing}${count === 1 ? '' : 's'}`;
}
