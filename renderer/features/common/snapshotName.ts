import { parseSnapshotReference, snapshotNameSchema, snapshotTagSchema } from '#shared/names';
import { firstIssue } from '../../ui/form/firstIssue';

/** What a snapshot of an image may be called: the last part of its reference, where that is a name. */
export function nameOfImage(reference: string): string {
  const last = reference.split('@', 1)[0]?.split('/').at(-1) ?? '';
  const name = last.split(':', 1)[0]?.toLowerCase() ?? '';
  return snapshotNameSchema.safeParse(name).success ? name : '';
}

/** What a field for a name means: `name`, or `name:tag` for a version that keeps a name of its own. */
export function namedVersion(text: string): { name: string; tag?: string; issue: string | null } {
  const { name, tag } = parseSnapshotReference(text);
  if (tag === null)
    return { name, issue: text === '' ? null : firstIssue(snapshotNameSchema, name) };
  return {
    ...{ name, tag },
    issue: firstIssue(snapshotNameSchema, name) ?? firstIssue(snapshotTagSchema, tag),
  };
}
