import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

/** The script behind the commit-msg hook and the check in CI. */
const script = resolve(import.meta.dirname, '../../.ci/commits.mjs');

function check(message: string): { code: number | null; output: string } {
  const folder = mkdtempSync(join(tmpdir(), 'sandglass-commit-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'COMMIT_EDITMSG');
  writeFileSync(file, message);
  const { status, stderr } = spawnSync(process.execPath, [script, file], { encoding: 'utf8' });
  return { code: status, output: stderr };
}

const accepted = { code: 0, output: '' };

it.each([
  'docker: retry a start on a stale pause',
  'engine, page: rename the indexer',
  'api/wire: accept an empty label',
  'docs: add the glossary\n\nOne line for each word.\n# A comment of Git',
  `docs: ${'é'.repeat(66)}`,
  "Merge branch 'main' into topic",
  'Revert "docker: retry a start on a stale pause"',
  'fixup! docker: retry a start on a stale pause',
])('accepts %j', (message) => {
  expect(check(message)).toEqual(accepted);
});

it.each([
  ['A start is retried on a stale pause', 'expected "area: verb …"'],
  ['docker: Retry a start', 'in lower case'],
  ['docker: retry a start.', 'without a full stop'],
  [`docs: ${'x'.repeat(67)}`, '73 characters, at most 72'],
  ['docs: add the glossary\nOne line for each word.', 'an empty line'],
])('refuses %j and names the reason', (message, reason) => {
  const { code, output } = check(message);
  expect(code).toBe(1);
  expect(output).toContain(reason);
});
