import { parseSnapshotReference, snapshotNameSchema, snapshotTagSchema } from '#shared/names';
import { firstIssue } from '../../ui/form/firstIssue';

/** Default snapshot name for an image: the last path component of its reference, or empty if invalid. */
export function nameOfImage(reference: string): string {
  const last = reference.split('@', 1)[0]?.split('/').at(-1) ?? '';
  const name = last.split(':', 1)[0]?.toLowerCase() ?? '';
  return snapshotNameSchema.safeParse(name).success ? name : '';
}

/** Parses a name field: `name`, or `name:tag` for a tagged version. */
export function namedVersion(text: string): { name: string; tag?: string; issue: string | null } {
  const { name, tag } = parseSnapshotReference(text);
  if (tag === null)
    return { name, issue: text === '' ? null : firstIssue(snapshotNameSchema, name) };
  return {
    ...{ name, tag },
    issue: firstIssue(snapshotNameSchema, name) ?? firstIssue(snapshotTagSchema, tag),
  };
}
