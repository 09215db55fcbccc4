import { os } from '@orpc/server';
import type { ContentsEntry, PackageDifference } from '#shared/contract/contents';
import { SandglassError } from '#shared/errors';
import { toWireError, wireErrors } from '../../lib';
import type { ContentsIndex } from '../database';
import {
  type ComparisonQuery,
  Comparisons,
  type ComparisonTreeQuery,
  comparePackages,
  textHunks,
} from './comparison';
import { drawPicture } from './drawPicture';
import { FolderLists } from './folderLists';
import { type IndexInput, IndexRun } from './indexRun';
import { locate } from './locate';

/** Operations of the contents worker. The engine has validated their inputs. */
export function createWorkerRouter(index: ContentsIndex) {
  const call = os.use(wireErrors).use(async ({ next }) => {
    try {
      return await next();
    } catch (thrown) {
      throw endIfDamaged(index, thrown);
    }
  });
  const run = new IndexRun(index);
  const comparisons = new Comparisons(index);
  const folders = new FolderLists(index);

  return {
    indexedIds: call.handler(() => index.ids()),
    /** Indexes a snapshot from a container of its image. Yields the bytes read so far. */
    index: call.input(trusted<IndexInput>()).handler(async function* ({ input, signal }) {
      try {
        yield* run.start(input, signal);
      } catch (thrown) {
        endIfDamaged(index, thrown);
        throw toWireError(thrown);
      }
    }),
    pause: call.handler(() => run.pause()),
    resume: call.handler(() => run.resume()),
    remove: call.input(trusted<{ id: string }>()).handler(({ input }) => index.remove(input.id)),
    picture: call.input(trusted<{ id: string }>()).handler(({ input }) => {
      const { rootId, parentId } = required(index, input.id);
      const stored = index.picture(input.id);
      if (stored) return stored;
      const parent = parentId === null ? null : index.find(parentId);
      const parts = drawPicture(index.trees, rootId, parent?.rootId ?? null);
      index.setPicture(input.id, parts);
      return parts;
    }),
    list: call
      .input(trusted<{ id: string; path: string; limit: number; offset: number }>())
      .handler(({ input }): { entries: ContentsEntry[]; total: number } =>
        folders.page(required(index, input.id), input),
      ),
    locate: call
      .input(trusted<{ id: string; path: string }>())
      .handler(({ input }) => locate(index, required(index, input.id), input.path)),
    compare: call
      .input(trusted<ComparisonQuery>())
      .handler(({ input }) =>
        comparisons.page(required(index, input.fromId), required(index, input.toId), input),
      ),
    compareTree: call
      .input(trusted<ComparisonTreeQuery>())
      .handler(({ input }) =>
        comparisons.treePage(required(index, input.fromId), required(index, input.toId), input),
      ),
    /** Returns the entry at a path with a hash of its content; null if there is none. */
    entry: call.input(trusted<{ id: string; path: string }>()).handler(({ input }) => {
      const found = index.trees.find(required(index, input.id).rootId, input.path);
      if (!found) return null;
      const { kind, sizeBytes, content } = found;
      return { kind, sizeBytes, content: content?.toString('hex') ?? null };
    }),
    textHunks: call
      .input(trusted<{ before: string; after: string }>())
      .handler(({ input }) => textHunks(input.before, input.after)),
    comparePackages: call
      .input(trusted<{ fromId: string; toId: string }>())
      .handler(({ input }): PackageDifference[] =>
        comparePackages(
          index.packages.all(required(index, input.fromId).number),
          index.packages.all(required(index, input.toId).number),
        ),
      ),
    search: call
      .input(trusted<{ query: string; limit: number }>())
      .handler(({ input, signal }) => index.searches.find(input.query, input.limit, signal)),
    close: call.handler(() => index.close()),
  };
}

export type WorkerRouter = ReturnType<typeof createWorkerRouter>;

/** @throws SandglassError `conflict` if the snapshot is not indexed */
function required(index: ContentsIndex, id: string) {
  const found = index.find(id);
  if (found) return found;
  throw new SandglassError('conflict', 'This snapshot is not indexed yet.', {
    hint: 'It is indexed in the background. Try again in a moment.',
  });
}

/** Ends the thread after its answer if the index is damaged. The next thread creates a new index. */
function endIfDamaged(index: ContentsIndex, thrown: unknown): unknown {
  if (!index.discardIfDamaged(thrown)) return thrown;
  const damage = new SandglassError('interrupted', 'The index of snapshot contents was damaged.', {
    hint: 'It is being rebuilt. Try again in a few minutes.',
    cause: thrown,
  });
  setImmediate(() => {
    throw damage;
  });
  return damage;
}

/** Input schema that accepts any value: the engine has validated it. */
function trusted<T>() {
  return {
    '~standard': {
      version: 1 as const,
      vendor: 'sandglass',
      validate: (value: unknown) => ({ value: value as T }),
      types: undefined as { input: T; output: T } | undefined,
    },
  };
}
