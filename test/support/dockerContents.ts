import type Docker from 'dockerode';

export interface DockerContents {
  containers: string[];
  images: string[];
  volumes: string[];
}

/** All objects of a daemon. */
export async function contentsOf(docker: Docker): Promise<DockerContents> {
  const [containers, images, volumes] = await Promise.all([
    docker.listContainers({ all: true }),
    docker.listImages({ all: true }),
    docker.listVolumes(),
  ]);
  return {
    containers: containers.map(({ Id }) => Id).sort(),
    images: images.flatMap(({ Id, RepoTags }) => [Id, ...(RepoTags ?? [])]).sort(),
    volumes: (volumes.Volumes ?? []).map(({ Name }) => Name).sort(),
  };
}

/** Removes all containers, volumes and images of a daemon. */
export async function emptyDaemon(docker: Docker): Promise<void> {
  for (const { Id } of await docker.listContainers({ all: true })) {
    await docker.getContainer(Id).remove({ force: true, v: true });
  }
  const { Volumes } = await docker.listVolumes();
  for (const { Name } of Volumes ?? []) await docker.getVolume(Name).remove();
  for (;;) {
    const [image] = await docker.listImages();
    if (!image) return;
    // By its tag, since one with children can only lose that: it goes with the last of them.
    const tag = image.RepoTags?.find((name) => name !== '<none>:<none>');
    await docker.getImage(tag ?? image.Id).remove({ force: true });
  }
}
