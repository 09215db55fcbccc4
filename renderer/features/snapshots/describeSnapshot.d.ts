import type { Snapshot } from '#shared/contract/snapshots';
import type { SnapshotVersions } from '#shared/versions';
/** Where it came from, in a few words. */
export declare function originText(snapshot: Snapshot): string;
export declare function snapshotTitle({ name, tag }: Snapshot): string;
/** All of it, and the part that deleting it frees. */
export declare function sizeText({ sizeBytes, uniqueBytes }: Snapshot): string | null;
/** What a card is called: a tag is of one version only. */
export declare function versionsTitle({ name, head, versions }: SnapshotVersions): string;
export declare function versionCountText({ versions }: SnapshotVersions): string | null;
