import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { readTar } from '../../electron/engine/snapshots/layer/rawTar';
import { filteredTar } from '../../electron/engine/snapshots/layer/tarFilter';

const exec = promisify(execFile);

/** Archives written by tar in each of its formats, read in chunks of an odd size. */
async function archive(format: string): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'sandglass-tar-'));
  try {
    const script = [
      'mkdir -p a/b; printf hello > a/b/first; ln a/b/first a/second; ln a/b/first a/third; ln -s x a/link',
      `n=$(printf 'n%.0s' $(seq 180)); mkdir $n; head -c 5000 /dev/zero > $n/$n; ln a/b/first $n/long; : > empty`,
      `tar --format=${format} -cf out.tar a $(printf 'n%.0s' $(seq 180)) empty`,
    ].join('; ');
    await exec('bash', ['-c', script], { cwd: folder });
    return await readFile(join(folder, 'out.tar'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 777) yield bytes.subarray(at, at + 777);
}

/** Lists an archive with tar. */
async function listed(bytes: AsyncIterable<Buffer>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sandglass-tar-'));
  try {
    const file = join(folder, 'in.tar');
    const chunks: Buffer[] = [];
    for await (const chunk of bytes) chunks.push(chunk);
    await writeFile(file, Buffer.concat(chunks));
    return (await exec('tar', ['-tvf', file])).stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}

it.each(['pax', 'gnu'])(
  'reads what tar writes in the format %s, whole and unchanged',
  async (format) => {
    const bytes = await archive(format);
    const read: string[] = [];
    for await (const { path, kind, sizeBytes, linkPath } of readTar(pieces(bytes))) {
      read.push([kind, path.replaceAll('n'.repeat(180), 'N'), sizeBytes, linkPath].join(' '));
    }
    expect(read).toHaveLength(10);
    expect(read).toContain('file /N/N 5000 ');
    expect(read).toContain('symlink /a/link 0 ');
    expect(read.filter((line) => line.startsWith('link '))).toHaveLength(3);
    const whole = filteredTar(pieces(bytes), {
      includes: () => true,
      readFile: () => Promise.reject(),
    });
    expect(await listed(whole)).toBe(await listed(pieces(bytes)));
  },
);

it.each(['pax', 'gnu'])('a hard link to a dropped file becomes the file (%s)', async (format) => {
  const bytes = await archive(format);
  const links: string[] = [];
  const first: string[] = [];
  for await (const { kind, path, linkPath } of readTar(pieces(bytes))) {
    if (kind === 'link') links.push(path);
    if (linkPath) first.push(linkPath);
  }
  const filtered = filteredTar(pieces(bytes), {
    includes: ({ path }) => path !== first[0],
    readFile: async () => pieces(await archive(format)),
  });
  const lines = (await listed(filtered)).split('\n');
  const lineOf = (path: string | undefined) =>
    lines.find((line) => line.includes(` ${path?.slice(1)}`));
  expect(lineOf(links[0])).toMatch(/^-/);
  expect(lineOf(links[1])).toMatch(/^h/);
  expect(lineOf(links[1])).toContain(`link to ${links[0]?.slice(1)}`);
});

it('detects a truncated archive', async () => {
  const bytes = await archive('pax');
  const read = async () => {
    for await (const _ of readTar(pieces(bytes.subarray(0, 3000))));
  };
  await expect(read()).rejects.toMatchObject({ code: 'engine_error' });
});
