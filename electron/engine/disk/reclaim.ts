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

/** Numbers as fresh as this are not measured again before something is deleted. Milliseconds. */
const FRESH_MS = 5000;

interface Deletion {
  name: string;
  run: () => Promise<void>;
}

/** Deletes what was chosen to make room, and says how much has really come free. */
export class Reclaim {
  constructor(
    private readonly context: EngineContext,
    private readonly snapshots: Snapshots,
    private readonly sandboxes: Sandboxes,
    private readonly meter: DiskMeter,
    private readonly reclaimables: Reclaimables,
  ) {}

  /** @throws SandglassError `invalid_input` where nothing is chosen, `engine_unreachable` */
  start(choice: ReclaimChoice): { task: Task } {
    const subject = subjectOf(choice);
    if (subject === '') {
      throw new SandglassError('invalid_input', 'Nothing was chosen to be deleted.', {
        field: 'snapshotIds',
        hint: 'Name snapshots, sandboxes or left-overs.',
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
    control.step('Measuring');
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
    control.step('Measuring what came free');
    const freed = totalOf(before) - totalOf(await this.meter.measure());
    control.outcome(`Freed ${formatBytes(Math.max(0, freed))}`);
    control.throwIfCancelled();
    const wanted = choice.snapshotIds.length + choice.sandboxIds.length + choice.leftOverIds.length;
    refuseSilence(failures, wanted - deletions.length);
  }

  /** Sandboxes first: they keep their snapshots. */
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
    if (last && Date.now() - last.measuredAt < FRESH_MS) return last;
    return await this.meter.measure();
  }
}

/** @throws SandglassError `conflict` naming what is still there */
function refuseSilence(failures: readonly string[], passedOver: number): void {
  if (failures.length === 0 && passedOver <= 0) return;
  const came = passedOver > 0 ? [`${passedOver} came into use meanwhile, or are gone.`] : [];
  throw new SandglassError('conflict', `Not all was deleted. ${[...failures, ...came].join(' ')}`, {
    hint: 'Look at what is left, and choose again.',
  });
}

/** What deleting can change: the build cache is none of ours. */
function totalOf({ layerBytes, containers, volumes }: Measurement): number {
  const written = sumOf(containers, ({ writtenBytes }) => writtenBytes);
  return layerBytes + written + sumOf(volumes, ({ bytes }) => bytes);
}

/** "2 snapshots, 1 sandbox". */
function subjectOf({ snapshotIds, sandboxIds, leftOverIds }: ReclaimChoice): string {
  return [
    ...counted(snapshotIds.length, 'snapshot', 'snapshots'),
    ...counted(sandboxIds.length, 'sandbox', 'sandboxes'),
    ...counted(leftOverIds.length, 'left-over', 'left-overs'),
  ].join(', ');
}

function counted(count: number, one: string, many: string): string[] {
  return count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];
}
