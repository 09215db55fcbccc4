/** How a sandbox's parts are named in Docker. */

/** The volume that is a sandbox's `/tmp`. */
export function tmpVolumeName(sandboxId: string): string {
  return `sandglass-tmp-${sandboxId}`;
}

/** Readable in `docker ps`, and unique over homes by the start of the id. */
export function containerName(sandbox: { name: string; id: string }): string {
  return `sandglass-${sandbox.name}-${sandbox.id.slice(0, 8)}`;
}
