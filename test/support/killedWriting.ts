import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { ContentsIndex } from '../../electron/engine/contents/database/contentsIndex';
import { LARGE, SMALL } from './filesystem';

/** Writes a large snapshot into an index until the process is killed. */
const [folder = ''] = process.argv.slice(2);
const index = ContentsIndex.open(join(folder, 'contents.sqlite'));
await index.write({ id: 'small', parentId: null, createdAt: 1 }, SMALL);
void index.write({ id: 'large', parentId: null, createdAt: 2 }, LARGE);
while ((index.database.prepare('SELECT count(*) FROM entries').pluck().get() as number) < 20_000) {
  await setImmediate();
}
process.kill(process.pid, 'SIGKILL');
