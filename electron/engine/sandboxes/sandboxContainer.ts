/** Names of a sandbox's objects in Docker. */

/** Volume mounted at a sandbox's `/tmp`. */
export function tmpVolumeName(sandboxId: string): string {
  return `sandglass-tmp-${sandboxId}`;
}

/** Volume of a Git mount. */
export function mountVolumeName(sandboxId: string, index: number): string {
  return `sandglass-mount-${sandboxId}-${index}`;
}

/** Readable in `docker ps`, and unique across homes by the first 8 digits of the id. */
export function containerName(sandbox: { name: string; id: string }): string {
  return `sandglass-${sandbox.name}-${sandbox.id.slice(0, 8)}`;
}

/** The sandbox's name in its container's name; null if the container was renamed with the docker CLI. */
export function sandboxNameOf(container: string, sandboxId: string): string | null {
  const name = /^sandglass-(.+)-[0-9a-f]{8}$/.exec(container)?.[1];
  return name && container === containerName({ name, id: sandboxId }) ? name : null;
}
