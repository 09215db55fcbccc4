import type { Snapshot } from '#shared/contract/snapshots';
import type { SnapshotVersions } from '#shared/versions';
/** A root and all that was captured from it, over any number of generations. */
export interface Family {
  key: string;
  title: string;
  members: SnapshotVersions[];
}
/**
 * Names by the root that they descend from, in the order in which the families first occur; within a
 * family the order stays. Versions of one name are one root. What descends from a snapshot that was
 * deleted stays together. Those without relatives come last, together.
 *
 * @param all every snapshot: an ancestor may be filtered out of `groups`
 */
export declare function groupFamilies(
  groups: readonly SnapshotVersions[],
  all: readonly Snapshot[],
): Family[];
