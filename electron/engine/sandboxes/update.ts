import pLimit, { type LimitFunction } from 'p-limit';
import { overlayRunConfig } from '#shared/contract/fields';
import type { OperationInputs } from '#shared/contract/index';
import type { Sandbox } from '#shared/contract/sandboxes';
import type { EgressInput } from '#shared/contract/schemas/egress';
import type { SandboxRecord } from '../catalog';
import type { EngineContext } from '../context';
import type { Egress } from '../egress';
import { pickFields, sandboxFields } from '../fields';
import { containerName } from './sandboxContainer';
import { beingCreated, type Sandboxes } from './sandboxes';

type Change = Omit<OperationInputs['sandboxes']['update'], 'sandbox' | 'egress'> & {
  egress?: EgressInput | null;
};

/** Changes sandboxes, each change completely or not at all. */
export class SandboxUpdates {
  /** One update of a sandbox at a time, so that a rollback cannot undo another update. */
  private readonly serial = new Map<string, LimitFunction>();

  constructor(
    private readonly context: EngineContext,
    private readonly sandboxes: Sandboxes,
    private readonly egress: Egress,
  ) {}

  /**
   * Changes a sandbox's name, lifetimes, limits, egress, or the configuration of new commands. Absent
   * fields are unchanged, and after an error so are all fields.
   *
   * @throws SandglassError `not_found`, `name_taken`, `invalid_input`, `conflict` (limits of a sandbox
   * that is being created), `engine_unreachable`, `engine_error`
   */
  async update(reference: string, change: Change): Promise<Sandbox> {
    const { id } = this.sandboxes.resolve(reference);
    const serial = this.serial.get(id) ?? pLimit(1);
    this.serial.set(id, serial);
    try {
      return await serial(() => this.updateNow(id, change));
    } finally {
      if (serial.activeCount + serial.pendingCount === 0) this.serial.delete(id);
    }
  }

  private async updateNow(id: string, change: Change): Promise<Sandbox> {
    const record = this.sandboxes.resolve(id);
    const { egress, runConfig, ...fields } = change;
    const changed = {
      ...pickFields(sandboxFields, fields),
      runConfig: overlayRunConfig(record.runConfig, runConfig),
    };
    const next: SandboxRecord = { ...record, ...changed };
    if (egress !== undefined) this.egress.checkChange(record, egress);
    const limits = pickFields({ vcpus: true, memBytes: true }, fields);
    const hasLimits = Object.keys(limits).length > 0;
    const { containerId } = record;
    if (hasLimits && !containerId) throw beingCreated(record);
    const isRenamed = next.name !== record.name;
    if (containerId && (hasLimits || isRenamed)) this.context.requireDocker();

    const undo: Array<() => Promise<unknown>> = [];
    try {
      // The catalog first: it has the constraint of unique names.
      this.sandboxes.save(next);
      undo.push(async () => {
        this.sandboxes.save({ ...this.sandboxes.resolve(id), ...pickFields(changed, record) });
      });
      if (containerId && isRenamed) {
        await this.rename(containerId, next);
        undo.push(() => this.rename(containerId, record));
      }
      if (egress !== undefined) undo.push(await this.egress.set(record, egress));
      // Last, because Docker cannot remove a limit that a sandbox did not have before.
      if (containerId && hasLimits) {
        await this.context.docker.containers.setLimits(containerId, limits);
      }
    } catch (thrown) {
      // One undo that fails (Docker is unreachable) must not prevent the others.
      for (const step of undo.reverse()) await step().catch(() => {});
      throw thrown;
    }
    return this.sandboxes.get(id);
  }

  private async rename(containerId: string, sandbox: SandboxRecord): Promise<void> {
    await this.context.docker.containers.rename(containerId, containerName(sandbox));
  }
}
