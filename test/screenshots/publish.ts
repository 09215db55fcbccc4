import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { SCREENSHOTS_FOLDER } from './shoot';

const project = resolve(import.meta.dirname, '../..');
const publishedFolder = join(project, 'docs', 'screenshots');

/** Updates the committed screenshots, which are those that README.md or a page in docs/ shows. */
export default function publishScreenshots(): void {
  for (const name of shownScreenshots()) {
    const taken = join(SCREENSHOTS_FOLDER, name);
    if (existsSync(taken)) compress(taken, join(publishedFolder, name));
  }
}

function shownScreenshots(): Set<string> {
  const docs = readdirSync(join(project, 'docs'), { encoding: 'utf8', recursive: true });
  const pages = ['README.md', ...docs.map((name) => join('docs', name))].filter((name) =>
    name.endsWith('.md'),
  );
  const text = pages.map((page) => readFileSync(join(project, page), 'utf8')).join('\n');
  return new Set([...text.matchAll(/screenshots\/([\w-]+\.png)/g)].map(([, name = '']) => name));
}

/** Reduces an image to 256 colours where that makes no visible difference, a third of its bytes. */
function compress(source: string, target: string): void {
  const options = ['--quality', '95-100', '--speed', '1', '--nofs', '--strip', '--force'];
  const { status } = spawnSync('pngquant', [...options, '--output', target, source]);
  if (status === 0) return;
  copyFileSync(source, target);
  console.log(`${target} is not compressed. On Debian: apt-get install pngquant`);
}
