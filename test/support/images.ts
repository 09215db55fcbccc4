import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import tar from 'tar-stream';

const exec = promisify(execFile);

/** A root filesystem of 2 MB with a shell and the usual commands; needs no network. */
export const BUSYBOX_IMAGE = { repository: 'sandglass-test/busybox', tag: '1' } as const;

export const TEST_IMAGE = `${BUSYBOX_IMAGE.repository}:${BUSYBOX_IMAGE.tag}`;

/** Path in Debian's package busybox-static. */
const BUSYBOX = '/bin/busybox';
const FOLDERS = ['bin', 'dev', 'etc', 'home', 'opt', 'proc', 'root', 'run', 'sbin', 'sys', 'usr'];
const FILES = {
  'etc/passwd': [
    'root:x:0:0:root:/root:/bin/sh',
    'app:x:1000:1000:app:/home:/bin/sh',
    'nobody:x:65534:65534:nobody:/:/bin/false',
    '',
  ].join('\n'),
  'etc/group': 'root:x:0:\napp:x:1000:\nnogroup:x:65534:\n',
};

/** Imports the image `sandglass-test/busybox:1` into a daemon. Returns that name. */
export async function importBusybox(host: string): Promise<string> {
  const docker = new Docker({ socketPath: host.replace('unix://', '') });
  const { repository, tag } = BUSYBOX_IMAGE;
  const progress = await docker.importImage(await busyboxFilesystem(), {
    repo: repository,
    tag,
    changes: ['CMD ["/bin/sh"]', 'ENV PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'WORKDIR /root'],
  });
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve()));
  });
  return TEST_IMAGE;
}

/** Reports whether a daemon has an image of this name. */
export async function hasImage(docker: Docker, name: string): Promise<boolean> {
  const images = await docker.listImages({ filters: { reference: [name] } });
  return images.length > 0;
}

/** Commits the tests' image with a file of random bytes in it, as `repository:1`. */
export async function commitFiller(
  docker: Docker,
  repository: string,
  mebibytes: number,
): Promise<void> {
  const command = ['dd', 'if=/dev/urandom', 'of=/opt/big', 'bs=1M', `count=${mebibytes}`];
  const container = await docker.createContainer({ Image: TEST_IMAGE, Cmd: command });
  await container.start();
  await container.wait();
  await container.commit({ repo: repository, tag: '1' });
  await container.remove();
}

/** Makes a tar archive, with a link for each command at the path that busybox lists. */
async function busyboxFilesystem(): Promise<NodeJS.ReadableStream> {
  const pack = tar.pack();
  for (const name of [...FOLDERS, 'usr/bin', 'usr/sbin', 'var', 'var/log']) {
    pack.entry({ name, type: 'directory', mode: 0o755 });
  }
  for (const name of ['tmp', 'var/tmp']) pack.entry({ name, type: 'directory', mode: 0o1777 });
  for (const [name, content] of Object.entries(FILES)) pack.entry({ name }, content);
  pack.entry({ name: 'bin/busybox', mode: 0o755 }, await readFile(BUSYBOX));
  const { stdout } = await exec(BUSYBOX, ['--list-full']);
  for (const name of stdout.trim().split('\n')) {
    if (name === 'bin/busybox') continue;
    pack.entry({ name, type: 'symlink', linkname: '/bin/busybox' });
  }
  pack.finalize();
  return Readable.from(pack);
}
