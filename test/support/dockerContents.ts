import type Docker from 'dockerode';

export interface DockerContents {
  containers: string[];
  images: string[];
  volumes: string[];
}

/** Everything the daemon holds, whoever made it. */
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
