import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const project = resolve(import.meta.dirname, '../..');
const exists = (path: string) => existsSync(join(project, path));

const docs = readdirSync(join(project, 'docs'), { encoding: 'utf8', recursive: true });
const pages = [...readdirSync(project), ...docs.map((name) => join('docs', name))].filter((name) =>
  name.endsWith('.md'),
);

it('README and docs link only to files that exist', () => {
  const broken = pages.flatMap((page) => {
    const text = readFileSync(join(project, page), 'utf8');
    return [...text.matchAll(/\]\((?!https?:)([^)#\s]+)/g)]
      .map(([, target = '']) => join(dirname(page), target))
      .filter((target) => !exists(target))
      .map((target) => `${page}: ${target}`);
  });
  expect(broken).toEqual([]);
});

it('README and docs show every committed screenshot', () => {
  const text = pages.map((page) => readFileSync(join(project, page), 'utf8')).join('\n');
  const committed = docs.filter((file) => file.endsWith('.png'));
  expect(committed.length).toBeGreaterThan(0);
  expect(committed.filter((file) => !text.includes(file))).toEqual([]);
});

it('the guides name only source files that exist', () => {
  const roots = ['', 'electron', 'electron/engine', 'docs'];
  const missing = ['CONTRIBUTING.md', 'docs/ARCHITECTURE.md', 'docs/GLOSSARY.md'].flatMap(
    (page) => {
      const text = readFileSync(join(project, page), 'utf8');
      return [...text.matchAll(/`([\w-]+\/[\w./-]+\.tsx?)`/g)]
        .map(([, path = '']) => path)
        .filter((path) => !roots.some((root) => exists(join(root, path))))
        .map((path) => `${page}: ${path}`);
    },
  );
  expect(missing).toEqual([]);
});

/** Returns the cells of each row in the tables of CONFORMANCE.md, without headings. */
function conformanceRows(): string[][] {
  const text = readFileSync(join(project, 'docs/CONFORMANCE.md'), 'utf8');
  const rows = text.split('\n').filter((line) => /^\| (?!promise|failure|---)/.test(line));
  return rows.map((row) => row.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')));
}

const codeIn = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

it('CONFORMANCE names code that exists', () => {
  const named = conformanceRows()
    .filter((cells) => cells.length === 3)
    .flatMap(([, code = '']) => codeIn(code));
  expect(named.length).toBeGreaterThan(50);
  const isThere = (path: string) => exists(path) || exists(join('electron/engine', path));
  expect(named.filter((path) => !isThere(path))).toEqual([]);
});

it('each row of CONFORMANCE names a test that exists', () => {
  const isTest = (name: string) =>
    ['', 'test/integration/', 'test/integration/api/'].some((folder) =>
      [`${folder}${name}.test.ts`, `${folder}${name}.spec.ts`].some(exists),
    );
  const rows = conformanceRows();
  expect(rows.length).toBeGreaterThanOrEqual(80);
  const names = (cells: string[]) => codeIn(cells.at(-1) ?? '');
  expect(rows.filter((cells) => !names(cells).some(isTest))).toEqual([]);
  const missing = rows
    .flatMap(names)
    .filter((name) => name.startsWith('test/') || name.startsWith('api/'))
    .filter((name) => !isTest(name));
  expect(missing).toEqual([]);
});
