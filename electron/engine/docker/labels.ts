import {
  type Field,
  nullable,
  type SandboxRecord,
  type SnapshotRecord,
  sandboxFields,
  snapshotFields,
  text,
} from '../fields';

/**
 * Labels on all Docker objects of Sandglass. A lost catalog is rebuilt from them. A container inherits
 * its image's labels, so every object sets every key; an empty label means no value.
 */
const PREFIX = 'dev.sandglass.';

/**
 * Kind of a labelled object:
 *
 * - `builder`: exists only while a snapshot is made from an image
 * - `built`: an image built in a sandbox, deleted with the sandbox
 * - `reader`: a container that is never started; a snapshot's files are read through it
 * - `network`: connects a sandbox that has an access list
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

type Labelled<R, T> = Pick<
  R,
  { [K in keyof R & keyof T]: T[K] extends { label: string } ? K : never }[keyof R & keyof T]
>;

/** The labelled fields of a snapshot, a sandbox, or an object that belongs to one. */
export interface SandglassLabels
  extends Labelled<SandboxRecord, typeof sandboxFields>,
    Labelled<SnapshotRecord, typeof snapshotFields> {
  kind: ObjectKind;
  /** Identity of the home that made the object. */
  home: string;
  /** Id of the snapshot or sandbox that the object is, or belongs to. */
  id: string;
  /** The labelled parts of a run configuration; the environment is in Docker's own. */
  user: string | null;
  workDir: string | null;
}

const runConfigLabels = {
  user: { codec: nullable(text()), label: 'user' },
  workDir: { codec: nullable(text()), label: 'work-dir' },
};

type LabelField = Required<Pick<Field<unknown>, 'codec' | 'label'>>;

const labelFields = [snapshotFields, sandboxFields, runConfigLabels]
  .flatMap((table) => Object.entries(table))
  .filter((entry): entry is [keyof SandglassLabels, LabelField] => 'label' in entry[1]);

export const kindLabel = `${PREFIX}kind`;
export const homeLabel = `${PREFIX}home`;
const idLabel = `${PREFIX}id`;

/** Label filters for Docker's lists: all objects of a home, or of one of its snapshots or sandboxes. */
export function ownedBy(home: string, id?: string): string[] {
  const own = [`${homeLabel}=${home}`];
  return id === undefined ? own : [...own, `${idLabel}=${id}`];
}

/** Labels of an object that has only some of the fields. Values without a label are ignored. */
export function describeObject(
  fields: Pick<SandglassLabels, 'kind' | 'home' | 'id' | 'name' | 'createdAt'> &
    Partial<SandglassLabels>,
): SandglassLabels {
  const { kind, home, id } = fields;
  const values = labelFields.map(([name, { codec }]) => [
    name,
    fields[name] === undefined ? codec.fromLabel('') : fields[name],
  ]);
  return { ...Object.fromEntries(values), kind, home, id };
}

/** Labels of a snapshot's image or a sandbox's container. */
export function describeRecord(
  kind: 'snapshot' | 'sandbox',
  home: string,
  record: SnapshotRecord | SandboxRecord,
): SandglassLabels {
  const { user, workDir } = record.runConfig;
  return describeObject({ ...record, kind, home, user, workDir });
}

export function toDockerLabels(labels: SandglassLabels): Record<string, string> {
  const values = labelFields.map(([name, { label, codec }]) => [
    `${PREFIX}${label}`,
    codec.toLabel(labels[name]),
  ]);
  return { ...ownerLabels(labels.kind, labels.home, labels.id), ...Object.fromEntries(values) };
}

/** Labels of an object that exists only while a snapshot is made. No value needs quoting. */
export function builderLabels({ home, id }: { home: string; id: string }): Record<string, string> {
  return ownerLabels('builder', home, id);
}

/** Labels of an image that was built in a sandbox; `id` is the sandbox's. */
export function builtLabels({ home, id }: { home: string; id: string }): Record<string, string> {
  return ownerLabels('built', home, id);
}

function ownerLabels(kind: ObjectKind, home: string, id: string): Record<string, string> {
  return { [kindLabel]: kind, [homeLabel]: home, [idLabel]: id };
}

/** Reads labels; null for an object of another program, or with damaged labels. */
export function fromDockerLabels(
  raw: Record<string, string> | null | undefined,
): SandglassLabels | null {
  const kind = raw?.[kindLabel];
  const home = raw?.[homeLabel];
  const id = raw?.[idLabel];
  if (!isObjectKind(kind) || !home || !id) return null;
  const values = labelFields.map(([name, { label, codec }]) => [
    name,
    codec.fromLabel(raw?.[`${PREFIX}${label}`] ?? ''),
  ]);
  const labels: SandglassLabels = { ...Object.fromEntries(values), kind, home, id };
  return { ...labels, name: labels.name || id };
}

function isObjectKind(kind: string | undefined): kind is ObjectKind {
  return (objectKinds as readonly (string | undefined)[]).includes(kind);
}
