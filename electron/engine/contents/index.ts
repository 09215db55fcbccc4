import { join } from 'node:path';
import type { Settings } from '#shared/contract/settings';
import type { EngineContext } from '../context';
import { os } from '../operations';
import type { SnapshotsRoom } from '../snapshots';
import { TextComparisons } from './compareText';
import { FilePreviews } from './filePreviews';
import { Saves } from './saves';
import { SnapshotIndexer } from './snapshotIndexer';

export interface ContentsNeeds {
  home: string;
  snapshots: Pick<SnapshotsRoom, 'containers'>;
  settings: () => Settings;
  onError: (thrown: unknown) => void;
}

/** Contents of snapshots: indexing, browsing, searching, comparing and saving them. */
export function openContents(context: EngineContext, needs: ContentsNeeds) {
  const { home, settings, onError } = needs;
  const { containers } = needs.snapshots;
  const file = join(home, 'contents.sqlite');
  const indexer = new SnapshotIndexer(context, containers, { file, settings, onError });
  const texts = new TextComparisons(context, indexer, containers);
  const previews = new FilePreviews(context, containers);
  const saves = new Saves(context, containers, (id, path) => indexer.calls.locate({ id, path }));
  return {
    onCompared: () => indexer.onCompared(),
    operations: {
      status: os.contents.status.handler(() => indexer.status()),
      readAgain: os.contents.readAgain.handler(({ input }) => indexer.readAgain(input.snapshotId)),
      picture: os.contents.picture.handler(({ input }) => indexer.picture(input.snapshotId)),
      list: os.contents.list.handler(({ input: { snapshotId: id, ...rest } }) =>
        indexer.calls.list({ id, ...rest }),
      ),
      compare: os.contents.compare.handler(({ input }) => indexer.calls.compare(input)),
      comparePackages: os.contents.comparePackages.handler(async ({ input }) => ({
        differences: await indexer.calls.comparePackages(input),
      })),
      compareTree: os.contents.compareTree.handler(({ input }) => indexer.calls.compareTree(input)),
      compareText: os.contents.compareText.handler(({ input }) =>
        texts.compare(input.fromId, input.toId, input.path),
      ),
      search: os.contents.search.handler(({ input, signal }) => indexer.search(input, signal)),
      locate: os.contents.locate.handler(({ input: { snapshotId: id, path } }) =>
        indexer.calls.locate({ id, path }),
      ),
      preview: os.contents.preview.handler(({ input, signal }) =>
        previews.preview(input.snapshotId, input.path, signal),
      ),
      save: os.contents.save.handler(({ input }) => saves.start(input)),
    },
    close: () => indexer.close(),
  };
}
