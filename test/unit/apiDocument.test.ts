import { readFileSync } from 'node:fs';
import * as newest from 'langsmith/sandbox';
import * as inline from 'langsmith-inline/sandbox';
import { expect, it } from 'vitest';

const document = readFileSync(new URL('../../docs/API.md', import.meta.url), 'utf8');

/** Returns the first cells of the tables, without backticks. */
const rows = document
  .split('\n')
  .flatMap((line) => /^\| `([^`]+)` \|/.exec(line)?.[1] ?? [])
  .filter((cell) => cell.includes('.'));

/** Returns the public members of a class: those without a leading underscore. */
function methodsOf(name: string, prototype: object): string[] {
  return Object.getOwnPropertyNames(prototype)
    .filter((method) => method !== 'constructor' && !method.startsWith('_'))
    .map((method) => `${name}.${method}`);
}

function methodsIn(module: object): string[] {
  return Object.entries(module).flatMap(([name, exported]) =>
    typeof exported === 'function' && !name.endsWith('Error') && exported.prototype
      ? methodsOf(name, exported.prototype)
      : [],
  );
}

const { registries } = new newest.SandboxClient({ apiEndpoint: 'http://127.0.0.1', apiKey: 'x' });
const methods = [
  ...methodsIn(newest),
  ...methodsIn(inline),
  ...methodsOf('registries', Object.getPrototypeOf(registries)),
];

it('has a row for each method of the client, in both versions', () => {
  expect(methods.length).toBeGreaterThan(80);
  const isDocumented = (method: string) =>
    rows.includes(method) || rows.includes(`${method.split('.')[0]}.*`);
  expect(methods.filter((method) => !isDocumented(method))).toEqual([]);
});

it('has no row for a method that no version has', () => {
  const classes = new Set(methods.map((method) => method.split('.')[0]));
  const known = (row: string) => methods.includes(row) || (row.endsWith('.*') && row !== '.*');
  expect(rows.filter((row) => classes.has(row.split('.')[0] ?? '') && !known(row))).toEqual([]);
});

it('describes when each error class is thrown', () => {
  const errors = [newest, inline].flatMap((module) =>
    Object.keys(module).filter((name) => name.endsWith('Error')),
  );
  expect(errors.length).toBeGreaterThan(30);
  expect(errors.filter((name) => !document.includes(`\`${name}\``))).toEqual([]);
});
