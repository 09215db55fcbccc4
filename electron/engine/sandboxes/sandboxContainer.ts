/** How a sandbox's parts are named in Docker. */

/** The volume that is a sandbox's `/tmp`. */
export function tmpVolumeName(sandboxId: string): string {
  return `sandglass-tmp-${sandboxId}`;
}

/** The volume that is one of its mounts. */
export function mountVolumeName(sandboxId: string, index: number): string {
  return `sandglass-mount-${sandboxId}-${index}`;
}

/** Readable in `docker ps`, and unique over homes by the start of the id. */
export function containerName(sandbox: { name: string; id: string }): string {
  return `sandglass-${sandbox.name}-${sandbox.id.slice(0, 8)}`;
}

/** The sandbox's name in a container's name, or null where the docker CLI has given it another. */
export function sandboxNameOf(container: string, sandboxId: string): string | null {
  const name = /^sandglass-(.+)-[0-9a-f]{8}$/.exec(container)?.[1];
  return name && container === containerName({ name, id: sandboxId }) ? name : null;
}
