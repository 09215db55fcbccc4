import type { ReclaimChoice } from '#shared/contract/disk';
import type { Task } from '#shared/contract/tasks';
import { SandglassError, toSandglassError } from '#shared/errors';
import { formatBytes } from '#shared/format';
import type { EngineContext } from '../context';
import type { Sandboxes } from '../sandboxes';
import type { Snapshots } from '../snapshots';
import type { TaskControl } from '../tasks';
import type { DiskMeter, Measurement } from './diskMeter';
import { removeLeftOver } from './leftOvers';
import type { Reclaimables } from './reclaimables';
import { sumOf } from './sum';

/** Maximum age of a measurement that is reused before a deletion. Milliseconds. */
const MAX_AGE_MS = 5000;

interface Deletion {
  name: string;
  run: () => Promise<void>;
}

/** Deletes chosen objects and measures the freed space. */
export class Reclaim {
  constructor(
    private readonly context: EngineContext,
    private readonly snapshots: Snapshots,
    private readonly sandboxes: Sandboxes,
    private readonly meter: DiskMeter,
    private readonly reclaimables: Reclaimables,
  ) {}

  /** Starts a task. @throws SandglassError `invalid_input` (empty choice), `engine_unreachable` */
  start(choice: ReclaimChoice): { task: Task } {
    const subject = subjectOf(choice);
    if (subject === '') {
      throw new SandglassError('invalid_input', 'Nothing is selected for deletion.', {
        field: 'snapshotIds',
        hint: 'Select snapshots, sandboxes or leftovers.',
      });
    }
    this.context.requireDocker();
    const { task } = this.context.tasks.start(
      { kind: 'disk.reclaim', subject, cancellable: true },
      (control) => this.run(choice, control),
    );
    return { task };
  }

  private async run(choice: ReclaimChoice, control: TaskControl): Promise<void> {
    control.step('Measuring disk use');
    const before = await this.measureBefore();
    const deletions = await this.deletions(choice);
    const failures: string[] = [];
    let done = 0;
    for (const { name, run } of deletions) {
      if (control.signal.aborted) break;
      control.step(`Deleting ${name}`);
      control.progress({ fraction: done / deletions.length });
      try {
        await run();
      } catch (thrown) {
        failures.push(`${name}: ${toSandglassError(thrown).message}`);
      }
      done += 1;
    }
    control.step('Measuring the freed space');
    const freed = totalOf(before) - totalOf(await this.meter.measure());
    control.outcome(`Freed ${formatBytes(Math.max(0, freed))}`);
    control.throwIfCancelled();
    const wanted = choice.snapshotIds.length + choice.sandboxIds.length + choice.leftOverIds.length;
    throwIfIncomplete(failures, wanted - deletions.length);
  }

  /** Puts sandboxes first, since they use their snapshots. */
  private async deletions(choice: ReclaimChoice): Promise<Deletion[]> {
    const { sandboxes, snapshots, leftOvers } = await this.reclaimables.choose(choice);
    return [
      ...sandboxes.map(({ id, name }) => ({ name, run: () => this.sandboxes.delete(id) })),
      ...snapshots.map(({ id, name }) => ({ name, run: () => this.snapshots.delete(id) })),
      ...leftOvers.map((leftOver) => ({
        name: leftOver.name,
        run: () => removeLeftOver(this.context, leftOver),
      })),
    ];
  }

  private async measureBefore(): Promise<Measurement> {
    const { last } = this.meter;
    if (last && Date.now() - last.measuredAt < MAX_AGE_MS) return last;
    return await this.meter.measure();
  }
}

/** @throws SandglassError `conflict` listing the objects that were not deleted */
function throwIfIncomplete(failures: readonly string[], skipped: number): void {
  if (failures.length === 0 && skipped <= 0) return;
  const notes = skipped > 0 ? [`Skipped ${skipped}: in use by now, or already deleted.`] : [];
  const message = `Not everything was deleted. ${[...failures, ...notes].join(' ')}`;
  throw new SandglassError('conflict', message, {
    hint: 'Check the remaining objects and select again.',
  });
}

/** Sums up the disk use that a deletion can change: not the build cache. */
function totalOf({ layerBytes, containers, volumes }: Measurement): number {
  const written = sumOf(containers, ({ writtenBytes }) => writtenBytes);
  return layerBytes + written + sumOf(volumes, ({ bytes }) => bytes);
}

/** Formats a choice as "2 snapshots, 1 sandbox". */
function subjectOf({ snapshotIds, sandboxIds, leftOverIds }: ReclaimChoice): string {
  return [
    ...counted(snapshotIds.length, 'snapshot', 'snapshots'),
    ...counted(sandboxIds.length, 'sandbox', 'sandboxes'),
    ...counted(leftOverIds.length, 'leftover', 'leftovers'),
  ].join(', ');
}

function counted(count: number, one: string, many: string): string[] {
  return count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];
}
