import type { Snapshot } from '#shared/contract/snapshots';
import { SandglassError } from '#shared/errors';
import { parseSnapshotReference } from '#shared/names';
import type { SnapshotRecord, StoredSnapshot } from '../catalog';
import type { EngineContext } from '../context';
import { relabelSnapshot } from './commitSnapshot';
import type { SnapshotContainers } from './snapshotContainers';
import { snapshotBusy, snapshotNotFound, snapshotNotReady } from './snapshotErrors';
import { imageOf } from './snapshotImage';

interface DescriptionChange {
  note?: string;
  labels?: Record<string, string>;
}

/** Finds, lists, updates and deletes snapshots. */
export class Snapshots {
  constructor(
    private readonly context: EngineContext,
    private readonly containers: SnapshotContainers,
  ) {}

  list(query: { limit: number; offset: number; nameContains?: string; favourite?: true }): {
    snapshots: Snapshot[];
    total: number;
  } {
    const { limit, offset, nameContains, favourite } = query;
    if (favourite) {
      const starred = this.starred().filter(({ name }) =>
        name.toLowerCase().includes(nameContains?.toLowerCase() ?? ''),
      );
      return { snapshots: starred.slice(offset, offset + limit), total: starred.length };
    }
    return this.context.catalog.snapshots.page({
      limit,
      offset,
      nameContains: nameContains ?? null,
    });
  }

  /** @throws SandglassError `not_found` */
  get(id: string): StoredSnapshot {
    const found = this.context.catalog.snapshots.find(id);
    if (!found) throw snapshotNotFound(id, 'id');
    return found;
  }

  /**
   * Returns a ready snapshot by its id, or the newest ready one of `name` or `name:tag`.
   *
   * @throws SandglassError `not_found`, or `conflict` (not ready)
   */
  resolve(reference: { snapshotId?: string; snapshotName?: string }): StoredSnapshot {
    const { snapshotId, snapshotName } = reference;
    if (snapshotName !== undefined) {
      const { name, tag } = parseSnapshotReference(snapshotName);
      const found = this.context.catalog.snapshots.findReady(name, tag === 'latest' ? null : tag);
      if (found) return found;
      throw new SandglassError('not_found', `There is no ready snapshot named "${snapshotName}".`, {
        field: 'snapshotName',
        hint: 'Check the spelling, or build it first.',
      });
    }
    const found = this.context.catalog.snapshots.find(snapshotId ?? '');
    if (!found) throw snapshotNotFound(snapshotId ?? '', 'snapshotId');
    if (found.status === 'ready') return found;
    throw snapshotNotReady(found);
  }

  /**
   * Deletes a snapshot and its image.
   *
   * @throws SandglassError `not_found`; `in_use`, with the names of the sandboxes that were booted from it;
   * `conflict` while a task works on it
   */
  async delete(id: string): Promise<void> {
    const { catalog, tasks } = this.context;
    const snapshot = this.get(id);
    const users = catalog.sandboxes.usersOf(id);
    if (users.length > 0) {
      const names = users.map(({ name }) => `"${name}"`).join(', ');
      throw new SandglassError(
        'in_use',
        `The snapshot "${snapshot.name}" is used by ${users.length === 1 ? 'the sandbox' : 'the sandboxes'} ${names}.`,
        { hint: 'Delete those sandboxes first.' },
      );
    }
    if (tasks.isBusy(id)) throw snapshotBusy(snapshot);
    const { docker } = this.context;
    const { outcome } = tasks.start(
      { kind: 'snapshot.delete', subject: snapshot.name, snapshotId: id },
      async (control) => {
        control.step('Removing the image');
        this.save({ ...snapshot, status: 'deleting' });
        try {
          await this.containers.release(id);
          await docker.images.remove(imageOf(snapshot));
        } catch (thrown) {
          this.save(snapshot);
          throw thrown;
        }
        this.forget(id);
        this.context.catalog.favourites.set(id, false);
      },
    );
    await outcome;
  }

  /**
   * Changes the note, the labels or the star. Note and labels are also written to the image's labels, so
   * that a rebuilt catalog has them; the star is kept in this home only and needs no Docker.
   *
   * @throws SandglassError `not_found`; for note and labels also `conflict` (not ready) and
   * `engine_unreachable`
   */
  async update(
    id: string,
    { favourite, ...described }: DescriptionChange & { favourite?: boolean },
  ): Promise<StoredSnapshot> {
    if (described.note !== undefined || described.labels !== undefined) {
      await this.describe(id, described);
    }
    if (favourite !== undefined) {
      this.get(id);
      this.context.catalog.favourites.set(id, favourite);
      this.announce(id);
    }
    return this.get(id);
  }

  private async describe(id: string, change: DescriptionChange): Promise<void> {
    const { context } = this;
    const snapshot = this.resolve({ snapshotId: id });
    if (context.tasks.isBusy(id)) throw snapshotBusy(snapshot);
    context.requireDocker();
    const changed = {
      ...snapshot,
      note: change.note ?? snapshot.note,
      labels: change.labels ?? snapshot.labels,
    };
    const { outcome } = context.tasks.start(
      { kind: 'snapshot.update', subject: snapshot.name, snapshotId: id },
      async (control) => {
        control.step('Writing the labels');
        await relabelSnapshot(context, changed);
        this.save(changed);
      },
    );
    await outcome;
  }

  /** Starred snapshots, newest first. Stars of another Docker's snapshots are skipped. */
  private starred(): StoredSnapshot[] {
    return this.context.catalog.favourites
      .all()
      .map((id) => this.context.catalog.snapshots.find(id))
      .filter((found) => found !== null)
      .sort((a, b) => b.createdAt - a.createdAt);
  }

  /** Writes a snapshot to the catalog and announces the change. */
  save(record: SnapshotRecord): StoredSnapshot {
    this.context.catalog.snapshots.save({ ...record, updatedAt: Date.now() });
    return this.announce(record.id);
  }

  /** Deletes a snapshot's row and announces that. */
  forget(id: string): void {
    this.context.catalog.snapshots.remove(id);
    this.context.changes.announce({ type: 'snapshot.removed', id });
  }

  /** Announces a snapshot again, e.g. after a change of the sandboxes that use it. */
  announce(id: string): StoredSnapshot {
    const snapshot = this.get(id);
    this.context.changes.announce({ type: 'snapshot', snapshot });
    return snapshot;
  }
}
