import { os } from '@orpc/server';
import type { ContentsEntry, Package, PackageDifference } from '#shared/contract/contents';
import { SandglassError } from '#shared/errors';
import { toWireError, wireErrors } from '../../lib';
import type { ContentsIndex } from '../database';
import { type ComparisonQuery, Comparisons, type ComparisonTreeQuery } from './comparisons';
import { drawPicture } from './drawPicture';
import { FolderLists } from './folderLists';
import { IndexRun, type ReadInput } from './indexRun';
import { locate } from './locate';
import { comparePackages } from './packageDifferences';
import { textHunks } from './textHunks';

/** What the thread is asked; only the engine itself asks, so nothing is checked again. */
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
    known: call.handler(() => index.known()),
    /** Reads a snapshot from a container of its image, as a stream of bytes done so far. */
    read: call.input(passedOn<ReadInput>()).handler(async function* ({ input, signal }) {
      try {
        yield* run.read(input, signal);
      } catch (thrown) {
        endIfDamaged(index, thrown);
        throw toWireError(thrown);
      }
    }),
    pause: call.handler(() => run.pause()),
    resume: call.handler(() => run.resume()),
    forget: call.input(passedOn<{ id: string }>()).handler(({ input }) => index.remove(input.id)),
    picture: call.input(passedOn<{ id: string }>()).handler(({ input }) => {
      const { rootId, parentId } = required(index, input.id);
      const stored = index.picture(input.id);
      if (stored) return stored;
      const parent = parentId === null ? null : index.find(parentId);
      const parts = drawPicture(index.trees, rootId, parent?.rootId ?? null);
      index.setPicture(input.id, parts);
      return parts;
    }),
    list: call
      .input(passedOn<{ id: string; path: string; limit: number; offset: number }>())
      .handler(({ input }): { entries: ContentsEntry[]; total: number } =>
        folders.page(required(index, input.id), input),
      ),
    locate: call
      .input(passedOn<{ id: string; path: string }>())
      .handler(({ input }) => locate(index, required(index, input.id), input.path)),
    compare: call
      .input(passedOn<ComparisonQuery>())
      .handler(({ input }) =>
        comparisons.page(required(index, input.fromId), required(index, input.toId), input),
      ),
    compareTree: call
      .input(passedOn<ComparisonTreeQuery>())
      .handler(({ input }) =>
        comparisons.treePage(required(index, input.fromId), required(index, input.toId), input),
      ),
    /** What is at a path, its content told by a hash; null when nothing is. */
    entry: call.input(passedOn<{ id: string; path: string }>()).handler(({ input }) => {
      const found = index.trees.find(required(index, input.id).rootId, input.path);
      if (!found) return null;
      const { kind, sizeBytes, content } = found;
      return { kind, sizeBytes, content: content?.toString('hex') ?? null };
    }),
    textHunks: call
      .input(passedOn<{ before: string; after: string }>())
      .handler(({ input }) => textHunks(input.before, input.after)),
    packages: call
      .input(passedOn<{ id: string }>())
      .handler(({ input }): Package[] => index.packages.all(required(index, input.id).number)),
    comparePackages: call
      .input(passedOn<{ fromId: string; toId: string }>())
      .handler(({ input }): PackageDifference[] =>
        comparePackages(
          index.packages.all(required(index, input.fromId).number),
          index.packages.all(required(index, input.toId).number),
        ),
      ),
    search: call
      .input(passedOn<{ query: string; limit: number }>())
      .handler(({ input, signal }) => index.searches.find(input.query, input.limit, signal)),
    close: call.handler(() => index.close()),
  };
}

export type WorkerRouter = ReturnType<typeof createWorkerRouter>;

/** @throws SandglassError `conflict` before it was read */
function required(index: ContentsIndex, id: string) {
  const found = index.find(id);
  if (found) return found;
  throw new SandglassError('conflict', 'The contents of this snapshot are not known yet.', {
    hint: 'They are read in the background; try again in a moment.',
  });
}

/** A damaged index ends the thread, as soon as that was answered: the next one begins anew. */
function endIfDamaged(index: ContentsIndex, thrown: unknown): unknown {
  if (!index.discardIfDamaged(thrown)) return thrown;
  const damage = new SandglassError(
    'interrupted',
    'The index of what is inside snapshots was damaged.',
    { hint: 'It is made anew; try again in a while.', cause: thrown },
  );
  setImmediate(() => {
    throw damage;
  });
  return damage;
}

/** An input that was checked at the border of the engine. */
function passedOn<T>() {
  return {
    '~standard': {
      version: 1 as const,
      vendor: 'sandglass',
      validate: (value: unknown) => ({ value: value as T }),
      types: undefined as { input: T; output: T } | undefined,
    },
  };
}
