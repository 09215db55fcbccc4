import type { Hunk } from '#shared/contract/contents';
import { SandglassError } from '#shared/errors';
import type { EngineContext } from '../context';
import type { SnapshotContainers } from '../snapshots';
import type { TreeEntry } from './database';
import { textOf } from './fileBytes';
import { readStart } from './snapshotFile';
import type { SnapshotIndexer } from './snapshotIndexer';

/** Maximum file size of a text comparison. Bytes. */
const MAX_BYTES = 1024 ** 2;

export type TextComparison =
  | { type: 'text'; hunks: Hunk[] }
  | { type: 'binary' }
  | { type: 'too_large' };

/** Compares the text of a file in two snapshots, read from their images. */
export class TextComparisons {
  constructor(
    private readonly context: EngineContext,
    private readonly indexer: SnapshotIndexer,
    private readonly containers: SnapshotContainers,
  ) {}

  /** @throws SandglassError `conflict`, `file_not_found`, `not_a_file`, `engine_unreachable` */
  async compare(fromId: string, toId: string, path: string): Promise<TextComparison> {
    const { calls } = this.indexer;
    const [before, after] = await Promise.all([
      calls.entry({ id: fromId, path }),
      calls.entry({ id: toId, path }),
    ]);
    const files = [before, after].filter((entry) => entry?.kind === 'file');
    if (!before && !after) {
      throw new SandglassError('file_not_found', `${path} does not exist.`, { field: 'path' });
    }
    if (files.length === 0) {
      throw new SandglassError('not_a_file', `${path} is not a file.`, { field: 'path' });
    }
    if (files.some((file) => file && file.sizeBytes > MAX_BYTES)) return { type: 'too_large' };
    if (files.length === 2 && before && after && sameContent(before, after)) {
      return { type: 'text', hunks: [] };
    }
    const [old, now] = await Promise.all([
      this.read(fromId, path, before),
      this.read(toId, path, after),
    ]);
    if (old === null || now === null) return { type: 'binary' };
    const hunks = await calls.textHunks({ before: old, after: now });
    return hunks ? { type: 'text', hunks } : { type: 'too_large' };
  }

  /** Returns a file's text, empty for a missing file; null if it is binary. */
  private async read(
    snapshotId: string,
    path: string,
    entry: { kind: TreeEntry['kind']; sizeBytes: number } | null,
  ): Promise<string | null> {
    if (entry?.kind !== 'file' || entry.sizeBytes === 0) return '';
    const { archive } = this.context.docker;
    const bytes = await this.containers.use(snapshotId, ({ containerId }, signal) =>
      readStart(archive, { containerId, path }, MAX_BYTES, signal),
    );
    return textOf(bytes, true);
  }
}

function sameContent(before: { content: string | null }, after: { content: string | null }) {
  return before.content === after.content;
}
