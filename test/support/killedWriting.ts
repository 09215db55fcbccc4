import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { ContentsIndex } from '../../electron/engine/contents/database/contentsIndex';
import { LARGE, SMALL } from './filesystem';

/** A process that is killed while it writes a large snapshot into the index of a folder. */
const [folder = ''] = process.argv.slice(2);
const index = ContentsIndex.open(join(folder, 'contents.sqlite'));
await index.write({ id: 'small', parentId: null, createdAt: 1 }, SMALL);
void index.write({ id: 'large', parentId: null, createdAt: 2 }, LARGE);
while ((index.database.prepare('SELECT count(*) FROM entries').pluck().get() as number) < 20_000) {
  await setImmediate();
}
process.kill(process.pid, 'SIGKILL');
