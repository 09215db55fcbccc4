import type { SnapshotRepository } from '../catalog';

/** Which snapshot is read next: one that somebody waits for, else the oldest that is not known yet. */
export class IndexQueue {
  /** What the user has just made or looks at: it comes before the others, the last one first. */
  private readonly urgent = new Set<string>();
  /** What is left of the round that is under way; the oldest is the last one. */
  private round: string[] = [];
  /** What that round began with; null where there is none. */
  private listed: ReadonlySet<string> | null = null;

  constructor(
    private readonly snapshots: () => SnapshotRepository,
    private readonly isUnread: (id: string) => boolean,
  ) {}

  /** Reads it next, and before it what it was captured from: its picture tells them apart. */
  hurry(snapshotId: string): void {
    let next: string | null = snapshotId;
    while (next !== null && this.isUnread(next)) {
      this.urgent.delete(next);
      this.urgent.add(next);
      next = this.snapshots().find(next)?.parentSnapshotId ?? null;
    }
  }

  /** Hurries one that has come since the round began: of one that waits its turn any news is none. */
  hurryNew(snapshotId: string): void {
    if (this.listed && !this.listed.has(snapshotId)) this.hurry(snapshotId);
  }

  /** One list for a whole round: with thousands of snapshots it is not asked for with each of them. */
  next(): string | null {
    for (;;) {
      const id = this.listed ? (this.takeUrgent() ?? this.round.pop()) : undefined;
      if (id !== undefined) {
        if (this.isUnread(id)) return id;
        continue;
      }
      // The oldest first: a picture wants its parent's contents.
      const ids = this.snapshots().readyIds().reverse();
      this.listed = new Set(ids);
      this.round = ids.filter((id) => this.isUnread(id));
      if (this.round.length === 0 && this.urgent.size === 0) return null;
    }
  }

  /** The next one begins a round of its own. */
  endRound(): void {
    this.listed = null;
    this.round = [];
  }

  private takeUrgent(): string | undefined {
    const last = [...this.urgent].at(-1);
    if (last !== undefined) this.urgent.delete(last);
    return last;
  }
}
