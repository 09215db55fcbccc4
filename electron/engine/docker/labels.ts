import { z } from 'zod';
import { type Ancestor, ancestorSchema } from '#shared/contract/snapshots';

/**
 * Labels on everything Sandglass makes in Docker. With them alone a lost catalog is rebuilt.
 * A container inherits its image's labels, so every object sets every key; empty means none.
 */
const prefix = 'dev.sandglass.';

/**
 * What a labelled object is. A `builder` lives only while a snapshot is made from an image; an image
 * that was `built` in a sandbox lives as long as that. Through a `reader`, which is never started, a
 * snapshot's files are read. A `network` is for a sandbox with an access list.
 */
export type ObjectKind = (typeof objectKinds)[number];
const objectKinds = [
  'snapshot',
  'sandbox',
  'builder',
  'built',
  'reader',
  'tmp',
  'mount',
  'network',
] as const;

export interface SandglassLabels {
  kind: ObjectKind;
  /** The identity of the home that made it. */
  home: string;
  /** The id of the snapshot or the sandbox that it is, or belongs to. */
  id: string;
  name: string;
  tag: string | null;
  snapshotId: string | null;
  snapshotName: string | null;
  image: string | null;
  imageDigest: string | null;
  sourceSandboxId: string | null;
  sourceSandboxName: string | null;
  parentSnapshotId: string | null;
  ancestors: Ancestor[];
  registryId: string | null;
  fsCapacityBytes: number | null;
  idleStopSeconds: number;
  deleteAfterStopSeconds: number;
  preserveMemory: boolean;
  user: string | null;
  workDir: string | null;
  note: string;
  /** The user's own labels. */
  labels: Record<string, string>;
  /** Milliseconds since 1970. */
  createdAt: number;
}

export const kindLabel = `${prefix}kind`;
export const homeLabel = `${prefix}home`;
const idLabel = `${prefix}id`;

/** The labels to list by what a home has made, or of it what is or belongs to one snapshot or sandbox. */
export function ownedBy(home: string, id?: string): string[] {
  const own = [`${homeLabel}=${home}`];
  return id === undefined ? own : [...own, `${idLabel}=${id}`];
}

/** The labels of an object that has only some of the fields. */
export function describeObject(
  fields: Pick<SandglassLabels, 'kind' | 'home' | 'id' | 'name' | 'createdAt'> &
    Partial<SandglassLabels>,
): SandglassLabels {
  return {
    tag: null,
    snapshotId: null,
    snapshotName: null,
    image: null,
    imageDigest: null,
    sourceSandboxId: null,
    sourceSandboxName: null,
    parentSnapshotId: null,
    ancestors: [],
    registryId: null,
    fsCapacityBytes: null,
    idleStopSeconds: 0,
    deleteAfterStopSeconds: 0,
    preserveMemory: false,
    user: null,
    workDir: null,
    note: '',
    labels: {},
    ...fields,
  };
}

export function toDockerLabels(labels: SandglassLabels): Record<string, string> {
  return {
    [kindLabel]: labels.kind,
    [homeLabel]: labels.home,
    [idLabel]: labels.id,
    [`${prefix}name`]: labels.name,
    [`${prefix}tag`]: labels.tag ?? '',
    [`${prefix}snapshot-id`]: labels.snapshotId ?? '',
    [`${prefix}snapshot-name`]: labels.snapshotName ?? '',
    [`${prefix}image`]: labels.image ?? '',
    [`${prefix}image-digest`]: labels.imageDigest ?? '',
    [`${prefix}source-sandbox-id`]: labels.sourceSandboxId ?? '',
    [`${prefix}source-sandbox-name`]: labels.sourceSandboxName ?? '',
    [`${prefix}parent-snapshot-id`]: labels.parentSnapshotId ?? '',
    [`${prefix}ancestors`]: JSON.stringify(labels.ancestors),
    [`${prefix}registry-id`]: labels.registryId ?? '',
    [`${prefix}fs-capacity-bytes`]: labels.fsCapacityBytes?.toString() ?? '',
    [`${prefix}idle-stop-seconds`]: labels.idleStopSeconds.toString(),
    [`${prefix}delete-after-stop-seconds`]: labels.deleteAfterStopSeconds.toString(),
    [`${prefix}preserve-memory`]: labels.preserveMemory ? 'yes' : '',
    [`${prefix}user`]: labels.user ?? '',
    [`${prefix}work-dir`]: labels.workDir ?? '',
    [`${prefix}note`]: labels.note,
    [`${prefix}labels`]: JSON.stringify(labels.labels),
    [`${prefix}created`]: new Date(labels.createdAt).toISOString(),
  };
}

/**
 * The labels of something that lives only while a snapshot is being made; their values need no
 * quoting anywhere.
 */
export function builderLabels({ home, id }: { home: string; id: string }): Record<string, string> {
  return mark('builder', home, id);
}

/** The labels of an image that was built in a sandbox, by the sandbox's id. */
export function builtLabels({ home, id }: { home: string; id: string }): Record<string, string> {
  return mark('built', home, id);
}

function mark(kind: ObjectKind, home: string, id: string): Record<string, string> {
  return { [kindLabel]: kind, [homeLabel]: home, [idLabel]: id };
}

/** Reads labels back; null where an object is not ours or its labels are damaged. */
export function fromDockerLabels(
  raw: Record<string, string> | null | undefined,
): SandglassLabels | null {
  if (!raw) return null;
  const read = (key: string) => raw[`${prefix}${key}`] || null;
  const kind = read('kind');
  const home = read('home');
  const id = read('id');
  if (!isObjectKind(kind) || !home || !id) return null;
  const capacity = read('fs-capacity-bytes');
  return {
    kind,
    home,
    id,
    name: read('name') ?? id,
    tag: read('tag'),
    snapshotId: read('snapshot-id'),
    snapshotName: read('snapshot-name'),
    image: read('image'),
    imageDigest: read('image-digest'),
    sourceSandboxId: read('source-sandbox-id'),
    sourceSandboxName: read('source-sandbox-name'),
    parentSnapshotId: read('parent-snapshot-id'),
    ancestors: parseAncestors(read('ancestors')),
    registryId: read('registry-id'),
    fsCapacityBytes: capacity ? Number(capacity) : null,
    idleStopSeconds: Number(read('idle-stop-seconds') ?? 0),
    deleteAfterStopSeconds: Number(read('delete-after-stop-seconds') ?? 0),
    preserveMemory: read('preserve-memory') === 'yes',
    user: read('user'),
    workDir: read('work-dir'),
    note: read('note') ?? '',
    labels: parseUserLabels(read('labels')),
    createdAt: Date.parse(read('created') ?? '') || 0,
  };
}

function isObjectKind(kind: string | null): kind is ObjectKind {
  return (objectKinds as readonly (string | null)[]).includes(kind);
}

function parseUserLabels(text: string | null): Record<string, string> {
  try {
    return text ? (JSON.parse(text) as Record<string, string>) : {};
  } catch {
    return {};
  }
}

const ancestorsSchema = z.array(ancestorSchema);

function parseAncestors(text: string | null): Ancestor[] {
  try {
    return text ? ancestorsSchema.parse(JSON.parse(text)) : [];
  } catch {
    return [];
  }
}
