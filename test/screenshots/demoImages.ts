import { Readable } from 'node:stream';
import Docker from 'dockerode';
import tar from 'tar-stream';
import { addNode, DEBIAN_IMAGE, importDebian } from '../support/debian';

/**
 * Adds images under familiar names to a daemon, since screenshots are taken offline. They are real
 * Debian images with the files that the named images contain.
 */
export async function makeDemoImages(host: string): Promise<void> {
  const docker = new Docker({ socketPath: host.replace('unix://', '') });
  await importDebian(host);
  await docker.getImage(DEBIAN_IMAGE).tag({ repo: 'debian', tag: 'bookworm' });
  await build(docker, 'python:3.12-slim', PYTHON);
  const container = await docker.createContainer({ Image: DEBIAN_IMAGE });
  await addNode(host, container.id);
  await container.commit({ repo: 'node', tag: '22-bookworm' });
  await container.remove();
}

/** Python under /usr/local beside Debian's, with the packages of pip, as in the official image. */
const PYTHON = `FROM ${DEBIAN_IMAGE}
RUN mkdir -p /usr/local/lib \
 && cp -r /usr/lib/python3.11 /usr/local/lib/python3.12 \
 && cp -r /usr/lib/python3/dist-packages /usr/local/lib/python3.12/site-packages \
 && cp /usr/bin/python3.11 /usr/local/bin/python3.12
WORKDIR /root
`;

async function build(docker: Docker, t: string, dockerfile: string): Promise<void> {
  const pack = tar.pack();
  pack.entry({ name: 'Dockerfile' }, dockerfile);
  pack.finalize();
  const progress = await docker.buildImage(Readable.from(pack), { t });
  const events = await new Promise<Array<{ error?: string }>>((resolve, reject) => {
    docker.modem.followProgress(progress, (error, all) => (error ? reject(error) : resolve(all)));
  });
  const failed = events.find(({ error }) => error);
  if (failed) throw new Error(failed.error);
}
