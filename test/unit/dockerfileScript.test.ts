import { describe, expect, it } from 'vitest';
import {
  isBuilderName,
  readDockerfileScript,
} from '../../electron/engine/sandboxes/dockerfileScript';

const FOLDER = '/var/lib/langsmith-build/0123456789ab';
const IMAGE = `langsmith-snapshot-build:${'0f'.repeat(16)}`;

/** Quotes like the TypeScript client and Python's `shlex`. */
const quotes = {
  typescript: (word: string) => `'${word.replaceAll("'", "'\\''")}'`,
  python: (word: string) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`,
};

function script(
  options: string[],
  { quote = quotes.typescript, dockerfile = 'Dockerfile', folder = `${FOLDER}/context` } = {},
): string {
  const run = `${FOLDER}/buildkit-run`;
  const address = quote(`unix://${run}/buildkitd.sock`);
  const log = quote(`${run}/buildkitd.log`);
  const root = quote(`${FOLDER}/buildkit-root`);
  const build = [
    ...['buildctl', '--addr', `unix://${run}/buildkitd.sock`, 'build', '--progress=plain'],
    ...['--frontend', 'dockerfile.v0', '--local', `context=${FOLDER}/context`],
    ...['--local', `dockerfile=${folder}`, '--opt', `filename=${dockerfile}`],
    ...['--output', `type=docker,name=${IMAGE}`],
    ...options.flatMap((option) => ['--opt', option]),
  ];
  return [
    'set -euo pipefail',
    `mkdir -p ${root} ${quote(run)}`,
    `buildkitd --addr ${address} --root ${root} --oci-worker=true --containerd-worker=false --oci-worker-snapshotter=native --oci-worker-binary buildkit-runc > ${log} 2>&1 &`,
    'buildkitd_pid=$!',
    'cleanup() { kill "$buildkitd_pid" >/dev/null 2>&1 || true; }',
    'trap cleanup EXIT',
    'for i in $(seq 1 300); do',
    `  if buildctl --addr ${address} debug workers >/dev/null 2>&1; then break; fi`,
    `  if ! kill -0 "$buildkitd_pid" >/dev/null 2>&1; then cat ${log}; exit 1; fi`,
    `  if [ "$i" = 300 ]; then cat ${log}; exit 1; fi`,
    '  sleep 0.1',
    'done',
    'for i in $(seq 1 300); do',
    '  if docker info >/dev/null 2>&1; then break; fi',
    '  if [ "$i" = 300 ]; then docker info; exit 1; fi',
    '  sleep 0.1',
    'done',
    `${build.map(quote).join(' ')} | docker load`,
    `rm -rf ${root} || true`,
    '',
  ].join('\n');
}

describe.each(Object.entries(quotes))('the script of the %s client', (_client, quote) => {
  it('is parsed with its arguments', () => {
    const options = [
      'target=first',
      `build-arg:A=it's "$(x)"\n \\ | docker load\nrm`,
      'build-arg:B=',
    ];
    const folder = `${FOLDER}/context/docker files`;
    expect(readDockerfileScript(script(options, { quote, dockerfile: 'My file', folder }))).toEqual(
      {
        archive: `${FOLDER}/context.tar`,
        dockerfile: 'docker files/My file',
        target: 'first',
        buildArgs: { A: `it's "$(x)"\n \\ | docker load\nrm`, B: '' },
        image: IMAGE,
      },
    );
  });

  it('is ignored if any part differs from the client’s', () => {
    const read = (text: string) => readDockerfileScript(text);
    const good = script([], { quote });
    expect(read(good)).not.toBeNull();
    for (const other of [
      `${good}touch /more\n`,
      `touch /before\n${good}`,
      good.replace('sleep 0.1', 'sleep 0.2'),
      good.replace(' | docker load', ' ; docker load'),
      good.replace(' | docker load', ' $(touch /more) | docker load'),
      good.replace(' | docker load', '$(touch /more) | docker load'),
      good.replace('|| true\n', '|| touch /more\n'),
      good.replace(' | docker load', ' > /more | docker load'),
      good.replace(' | docker load', ' extra | docker load'),
      good.replace(' | docker load', ' --opt network=host | docker load'),
      good.replace(IMAGE, 'python:3.12'),
      good.replaceAll(FOLDER, '/etc'),
      script(['context=/'], { quote }),
      script([], { quote, dockerfile: '../../../etc/passwd' }),
      script([], { quote, folder: '/etc' }),
    ]) {
      expect(read(other), other).toBeNull();
    }
  });
});

it('is recognised only in sandboxes with the client’s names', () => {
  expect(isBuilderName('snapshot-builder-0123456789ab')).toBe(true);
  for (const name of ['snapshot-builder-mine', 'box', 'my-snapshot-builder-0123456789ab']) {
    expect(isBuilderName(name)).toBe(false);
  }
  expect(readDockerfileScript(['buildctl', 'build'])).toBeNull();
});
