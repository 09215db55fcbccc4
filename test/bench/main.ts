import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { benchCaptures } from './captures';
import { benchCommands } from './commands';
import { benchContents } from './contents';
import { benchFiles } from './files';
import { benchLists } from './lists';
import { benchLocalApi } from './localApi';
import { report } from './report';
import { benchSandboxes } from './sandboxes';
import { prepareSetting } from './setting';
import { benchStarts } from './starts';
import { benchWindow } from './window';

const file = resolve(import.meta.dirname, '../../docs/BENCHMARKS.md');

const setting = await prepareSetting();
try {
  const comparisons = [
    ...(await benchSandboxes(setting)),
    ...(await benchCommands(setting)),
    ...(await benchCaptures(setting)),
    ...(await benchContents(setting)),
    ...(await benchFiles(setting)),
    ...(await benchLocalApi(setting)),
    ...(await benchLists()),
    ...(await benchStarts()),
    ...(await benchWindow(setting.host)),
  ];
  const { version, storageDriver } = await setting.sandglass.operations.engine.status();
  const machine = { dockerVersion: version ?? '', storageDriver: storageDriver ?? '' };
  await writeFile(file, report(comparisons, machine));
  console.log(`Written to ${file}`);
} finally {
  await setting.close();
}
