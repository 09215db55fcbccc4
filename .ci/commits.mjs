#!/usr/bin/env node
/**
 * Checks commit subjects against the form in CONTRIBUTING.md: `area: verb …`, at most 72 characters.
 *
 *   node .ci/commits.mjs            every commit after the baseline, for CI
 *   node .ci/commits.mjs FILE       the message in a file, for the commit-msg hook
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The last commit before the form was introduced. */
const BASELINE = '5bdf8e1e95df3952e120eadf65b01fdce44d64ee';
const MAX_SUBJECT_LENGTH = 72;
/** One or more areas, for instance `docker`, `api/wire` or `engine, page`, then text in lower case. */
const SUBJECT = /^[\w./-]+(, [\w./-]+)*: [^\sA-Z].*[^.\s]$/;
/** Git writes these subjects itself. */
const EXEMPT = /^(Merge |Revert "|(fixup|squash|amend)! )/;

/** @returns {string[]} the faults of a message, in words */
function faultsOf(/** @type {string} */ message) {
  const [subject = '', second = ''] = message.split('\n');
  if (EXEMPT.test(subject)) return [];
  const { length } = [...subject];
  return [
    ...(SUBJECT.test(subject)
      ? []
      : ['expected "area: verb …", in lower case, without a full stop']),
    ...(length > MAX_SUBJECT_LENGTH
      ? [`${length} characters, at most ${MAX_SUBJECT_LENGTH} are allowed`]
      : []),
    ...(second.trim() ? ['expected an empty line between subject and body'] : []),
  ];
}

/** Removes what Git removes from a message: comments and the diff of `git commit --verbose`. */
function withoutComments(/** @type {string} */ text) {
  const [message = ''] = text.split(/^# -+ >8 -+$/m);
  return message
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .trim();
}

/** @returns {string | null} null where Git fails: no repository, or a shallow clone */
function git(/** @type {string[]} */ ...args) {
  const cwd = join(dirname(fileURLToPath(import.meta.url)), '..');
  const { status, stdout } = spawnSync('git', args, { cwd, encoding: 'utf8', maxBuffer: 2 ** 28 });
  return status === 0 ? stdout : null;
}

/** @returns {string[]} messages to check; none where the history is not available */
function newMessages() {
  const log = git('log', '--no-merges', '--format=%B%x00', `${BASELINE}..HEAD`);
  if (log === null) console.log('Commit messages: skipped, the history is not available.');
  return (log ?? '')
    .split('\0')
    .map((message) => message.trim())
    .filter(Boolean);
}

const [file] = process.argv.slice(2);
const messages = file ? [withoutComments(readFileSync(file, 'utf8'))] : newMessages();
for (const message of messages) {
  const faults = faultsOf(message);
  if (faults.length === 0) continue;
  console.error(`Commit message: ${message.split('\n')[0]}\n  ${faults.join('\n  ')}`);
  process.exitCode = 1;
}
if (process.exitCode) console.error('The form is described in CONTRIBUTING.md, under Commits.');
