import { posix } from 'node:path';

/**
 * A Dockerfile build by clients of the hosted service. They run a shell script in a sandbox created for
 * it, which starts BuildKit and loads the image into a Docker daemon in the sandbox. Sandboxes here have
 * neither. The script is parsed instead, and this computer's Docker does the build. Only this script is
 * recognised, and no part of it is executed.
 */
export interface DockerfileScript {
  /** Path in the sandbox of the build context, a tar archive. */
  archive: string;
  /** Path relative to the context. */
  dockerfile: string;
  target?: string;
  buildArgs: Record<string, string>;
  /** Name of the image in later requests. */
  image: string;
}

/** Names that the clients generate for the sandbox and the image. */
const builderName = /^snapshot-builder-[0-9a-f]{12}$/;
const imageName = /^langsmith-snapshot-build:([0-9a-f]{32})$/;
const folderName = /^mkdir -p '?(\/var\/lib\/langsmith-build\/[0-9a-f]{12})\/buildkit-root\b/m;

/** The script before and after its build command, without quotes; `@` stands for its folder. */
const before = [
  'set -euo pipefail',
  'mkdir -p @/buildkit-root @/buildkit-run',
  'buildkitd --addr unix://@/buildkit-run/buildkitd.sock --root @/buildkit-root --oci-worker=true --containerd-worker=false --oci-worker-snapshotter=native --oci-worker-binary buildkit-runc > @/buildkit-run/buildkitd.log 2>&1 &',
  'buildkitd_pid=$!',
  'cleanup() { kill "$buildkitd_pid" >/dev/null 2>&1 || true; }',
  'trap cleanup EXIT',
  'for i in $(seq 1 300); do',
  '  if buildctl --addr unix://@/buildkit-run/buildkitd.sock debug workers >/dev/null 2>&1; then break; fi',
  '  if ! kill -0 "$buildkitd_pid" >/dev/null 2>&1; then cat @/buildkit-run/buildkitd.log; exit 1; fi',
  '  if [ "$i" = 300 ]; then cat @/buildkit-run/buildkitd.log; exit 1; fi',
  '  sleep 0.1',
  'done',
  'for i in $(seq 1 300); do',
  '  if docker info >/dev/null 2>&1; then break; fi',
  '  if [ "$i" = 300 ]; then docker info; exit 1; fi',
  '  sleep 0.1',
  'done',
];
const after = ['rm -rf @/buildkit-root || true', ''];
const pipe = ' | docker load\n';

/** Whether a sandbox was created by a client to build a Dockerfile. */
export function isBuilderName(sandbox: string): boolean {
  return builderName.test(sandbox);
}

/** The client's part of a built image's name; null for other names. */
export function builtImageKey(image: string): string | null {
  return imageName.exec(image)?.[1] ?? null;
}

/** Parses the script; null for any other command. */
export function readDockerfileScript(command: string | string[]): DockerfileScript | null {
  if (typeof command !== 'string') return null;
  const folder = folderName.exec(command)?.[1];
  const lines = command.split('\n');
  const tail = after.length;
  if (!folder || lines.length <= before.length + tail) return null;
  const plain = (part: string[]) => part.join('\n').replaceAll("'", '').replaceAll(folder, '@');
  if (plain(lines.slice(0, before.length)) !== before.join('\n')) return null;
  if (plain(lines.slice(-tail)) !== after.join('\n')) return null;
  // The rest is one command, on several lines if an argument has line breaks.
  const build = `${lines.slice(before.length, -tail).join('\n')}\n`;
  if (!build.endsWith(pipe)) return null;
  const words = literalWords(build.slice(0, -pipe.length));
  return words && readBuild(words, folder);
}

function readBuild(words: string[], folder: string): DockerfileScript | null {
  const context = `${folder}/context`;
  const start = `buildctl --addr unix://${folder}/buildkit-run/buildkitd.sock build --progress=plain --frontend dockerfile.v0 --local context=${context} --local`;
  const expected = start.split(' ');
  if (expected.some((word, i) => words[i] !== word)) return null;
  const [dockerfile, opt, filename, output, image, ...options] = words.slice(expected.length);
  const place = afterPrefix(dockerfile, 'dockerfile=');
  const name = afterPrefix(filename, 'filename=');
  const reference = afterPrefix(image, 'type=docker,name=');
  if (opt !== '--opt' || output !== '--output' || !place || !name || !reference) return null;
  const file = posix.join(place, name);
  if (!imageName.test(reference) || !file.startsWith(`${context}/`)) return null;
  const script: DockerfileScript = {
    archive: `${folder}/context.tar`,
    dockerfile: posix.relative(context, file),
    buildArgs: {},
    image: reference,
  };
  for (let i = 0; i < options.length; i += 2) {
    const [flag, option] = options.slice(i, i + 2);
    const target = afterPrefix(option, 'target=');
    const [, key, value] = /^build-arg:([^=]+)=(.*)$/s.exec(option ?? '') ?? [];
    if (flag !== '--opt') return null;
    if (target !== null) script.target = target;
    else if (key !== undefined && value !== undefined) script.buildArgs[key] = value;
    else return null;
  }
  return script;
}

function afterPrefix(word: string | undefined, prefix: string): string | null {
  return word?.startsWith(prefix) ? word.slice(prefix.length) : null;
}

/** What a shell makes of quoted and plain words; null where there is anything that it would act on. */
function literalWords(line: string): string[] | null {
  const piece = /'([^']*)'|\\(')|"(')"|([\w@%+=:,./-]+)|( )/y;
  const words = [''];
  while (piece.lastIndex < line.length) {
    const [found, ...parts] = piece.exec(line) ?? [];
    if (found === undefined) return null;
    if (found === ' ') words.push('');
    else words[words.length - 1] += parts.find((part) => part !== undefined) ?? '';
  }
  return words;
}
