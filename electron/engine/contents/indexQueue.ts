import type { SnapshotRepository } from '../catalog';

/** Order of indexing: snapshots that a user waits for, then the others from the oldest on. */
export class IndexQueue {
  /** Snapshots that a user has just made or opened. The last one comes first. */
  private readonly prioritized = new Set<string>();
  /** Rest of the current round; the oldest is the last element. */
  private round: string[] = [];
  /** Snapshots that the current round began with; null between rounds. */
  private listed: ReadonlySet<string> | null = null;

  constructor(
    private readonly snapshots: () => SnapshotRepository,
    private readonly isPending: (id: string) => boolean,
  ) {}

  /** Puts a snapshot first, after its ancestors, which its picture is compared with. */
  prioritize(snapshotId: string): void {
    let next: string | null = snapshotId;
    while (next !== null && this.isPending(next)) {
      this.prioritized.delete(next);
      this.prioritized.add(next);
      next = this.snapshots().find(next)?.parentSnapshotId ?? null;
    }
  }

  /** Puts a snapshot first if it was created after the current round began. */
  prioritizeNew(snapshotId: string): void {
    if (this.listed && !this.listed.has(snapshotId)) this.prioritize(snapshotId);
  }

  /** Returns the next snapshot to index. Lists thousands of snapshots once a round, not at each call. */
  next(): string | null {
    for (;;) {
      const id = this.listed ? (this.takePrioritized() ?? this.round.pop()) : undefined;
      if (id !== undefined) {
        if (this.isPending(id)) return id;
        continue;
      }
      // A picture needs its parent's contents, so the oldest comes first.
      const ids = this.snapshots().readyIds().reverse();
      this.listed = new Set(ids);
      this.round = ids.filter((id) => this.isPending(id));
      if (this.round.length === 0 && this.prioritized.size === 0) return null;
    }
  }

  /** Makes the next call list the snapshots anew. */
  endRound(): void {
    this.listed = null;
    this.round = [];
  }

  private takePrioritized(): string | undefined {
    const last = [...this.prioritized].at(-1);
    if (last !== undefined) this.prioritized.delete(last);
    return last;
  }
}
