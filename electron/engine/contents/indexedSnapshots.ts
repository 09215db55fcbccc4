import type { ContentsThread } from './contentsThread';

/** Ids of the snapshots in the index, mirrored from the contents worker. */
export class IndexedSnapshots {
  /** Null until loaded from the worker. */
  private ids: Set<string> | null = null;
  private loading: Promise<void> | null = null;
  private isPruned = false;

  constructor(private readonly calls: () => ContentsThread['calls']) {}

  get count(): number {
    return this.ids?.size ?? 0;
  }

  has(snapshotId: string): boolean {
    return this.ids?.has(snapshotId) ?? false;
  }

  /** Loads the ids, unless they are loaded. */
  async load(): Promise<void> {
    if (this.ids) return;
    this.loading ??= this.calls()
      .indexedIds()
      .then((ids) => {
        this.ids = new Set(ids);
      })
      .finally(() => {
        this.loading = null;
      });
    await this.loading;
  }

  add(snapshotId: string): void {
    this.ids?.add(snapshotId);
  }

  /** Removes a snapshot from the index. Returns false if it is not indexed. */
  async remove(snapshotId: string): Promise<boolean> {
    await this.loading;
    if (!this.ids?.delete(snapshotId)) return false;
    await this.calls().remove({ id: snapshotId });
    return true;
  }

  /** Removes deleted snapshots from the index, once after each `expectPrune` or `reset`. */
  async prune(isDeleted: (snapshotId: string) => boolean): Promise<void> {
    if (this.isPruned) return;
    this.isPruned = true;
    for (const id of this.ids ?? []) {
      if (isDeleted(id)) await this.remove(id);
    }
  }

  expectPrune(): void {
    this.isPruned = false;
  }

  /** Drops the loaded ids: the worker has ended. */
  reset(): void {
    this.ids = null;
    this.isPruned = false;
  }
}
