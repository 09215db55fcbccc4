/**
 * Points this clone's core.hooksPath at this folder. `npm install` runs no scripts here (see .npmrc),
 * so that `npm start`, `npm run dev`, `npm run check` and `npm test` load this file first. A hooks
 * folder that the user has configured stays, and so does a repository that only contains the project.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const projectFolder = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const git = (/** @type {string[]} */ ...args) =>
  spawnSync('git', args, { cwd: projectFolder, encoding: 'utf8' });

const inRepository = git('rev-parse', '--show-prefix');
const isTopFolder = inRepository.status === 0 && inRepository.stdout.trim() === '';
const NOT_CONFIGURED = 1;
if (isTopFolder && git('config', '--get', 'core.hooksPath').status === NOT_CONFIGURED) {
  git('config', 'core.hooksPath', '.ci/hooks');
}
