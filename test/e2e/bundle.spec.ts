import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from '@playwright/test';

const bundle = resolve(import.meta.dirname, '../../out/main');
const staticImport = /^(?:import|export)\b[^;'"]*?(?:from\s*)?["'](\.[^"']+)["']/gm;

/** Returns the scripts that an entry imports statically, itself included, with their contents. */
function loadedScripts(entry: string): Map<string, string> {
  const scripts = new Map<string, string>();
  const pending = [join(bundle, entry)];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (scripts.has(file)) continue;
    const content = readFileSync(file, 'utf8');
    scripts.set(file, content);
    for (const [, path = ''] of content.matchAll(staticImport)) {
      pending.push(join(dirname(file), path));
    }
  }
  return scripts;
}

/** Total length of these scripts, in thousands of characters. */
function lengthOf(entry: string): number {
  return [...loadedScripts(entry).values()].join('').length / 1000;
}

test('the main script loads only a few kilobytes before the window opens', () => {
  expect(lengthOf('main.js')).toBeLessThan(30);
});

test('the contents worker loads no code of sandboxes, terminals or the local API', () => {
  const scripts = [...loadedScripts('contentsWorker.js').values()].join('\n');
  expect(lengthOf('contentsWorker.js')).toBeLessThan(1000);
  const found = /\b(?:class|var) (Sandboxes|Terminals|Egress|Reconciler)\b/.exec(scripts);
  expect(found?.[1]).toBeUndefined();
});
