import Docker from 'dockerode';
import { TEST_IMAGE } from '../support/images';

/**
 * Gives a daemon images under the names that a user would build from. They are the test image with
 * some weight added: nothing can be pulled where the screenshots are made.
 */
export async function makeDemoImages(host: string): Promise<void> {
  const docker = new Docker({ socketPath: host.replace('unix://', '') });
  await tagWithWeight(docker, 'python', '3.12-slim', 46);
  await tagWithWeight(docker, 'node', '22-alpine', 58);
  await tagWithWeight(docker, 'debian', 'bookworm', 72);
}

async function tagWithWeight(
  docker: Docker,
  repo: string,
  tag: string,
  mebibytes: number,
): Promise<void> {
  const container = await docker.createContainer({
    Image: TEST_IMAGE,
    Cmd: ['dd', 'if=/dev/zero', 'of=/usr/weight', 'bs=1M', `count=${mebibytes}`],
  });
  await container.start();
  await container.wait();
  await container.commit({ repo, tag });
  await container.remove();
}
