import { execFile, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import type { Snapshot } from '#shared/contract/snapshots';
import { dockerHost } from './engine';

const exec = promisify(execFile);

const environment = () => ({ ...process.env, DOCKER_HOST: dockerHost() });

/** Runs the docker command on the worker's daemon. Returns its output. */
export async function docker(...args: string[]): Promise<string> {
  const options = { env: environment(), maxBuffer: 64 * 1024 ** 2 };
  return (await exec('docker', args, options)).stdout;
}

export function imageOf({ name, id }: Snapshot): string {
  return `sandglass/${name}:${id}`;
}

export async function layersOf(snapshot: Snapshot): Promise<string[]> {
  const format = ['--format', '{{json .RootFS.Layers}}'];
  return JSON.parse(await docker('image', 'inspect', ...format, imageOf(snapshot)));
}

/** Number of lines with a text in all layers of an image, in the archive of `docker save`. */
export async function occurrences(snapshot: Snapshot, marker: string): Promise<number> {
  const script = `docker save ${imageOf(snapshot)} | grep -aoc ${marker} || true`;
  const grep = spawn('bash', ['-c', script], { env: environment() });
  return Number(await text(grep.stdout));
}

export interface FoundFile {
  type: string;
  mode: string;
  uid: number;
  gid: number;
  size: number;
  mtime: number;
  link: string;
  capability: string;
}

/** Files of an image as Python's tarfile reads them from `docker export`, without those that Docker adds. */
export async function filesOf(snapshot: Snapshot): Promise<Record<string, FoundFile>> {
  const script = `
import json, sys, tarfile
found = {}
for m in tarfile.open(fileobj=sys.stdin.buffer, mode='r|', errors='surrogateescape'):
    found[ascii(m.name)] = dict(
        type=m.type.decode(), mode=oct(m.mode), uid=m.uid, gid=m.gid, size=m.size,
        mtime=int(m.mtime), link=ascii(m.linkname), device=[m.devmajor, m.devminor],
        capability=ascii(m.pax_headers.get('SCHILY.xattr.security.capability', '')))
json.dump(found, sys.stdout)`;
  const id = (await docker('create', imageOf(snapshot))).trim();
  try {
    const command = `docker export ${id} | python3 -c "$SCRIPT"`;
    const env = { ...environment(), SCRIPT: script };
    const { stdout } = await exec('bash', ['-c', command], { env, maxBuffer: 64 * 1024 ** 2 });
    const all = JSON.parse(stdout) as Record<string, FoundFile>;
    for (const folder of ["'etc'", "'dev'"]) delete (all[folder] as Partial<FoundFile>).mtime;
    const own = /^'(\.dockerenv|etc\/(hostname|hosts|resolv\.conf|mtab)|dev\/(console|pts|shm))/;
    return Object.fromEntries(Object.entries(all).filter(([name]) => !own.test(name)));
  } finally {
    await docker('rm', id);
  }
}
