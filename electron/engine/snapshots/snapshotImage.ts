/** How a snapshot's image is tagged in Docker. */

/** Shows up in `docker images` under the snapshot's name; the id as tag makes it unique. */
export function snapshotImageName(name: string): string {
  return `sandglass/${name}`;
}

export function snapshotImageReference(snapshot: { name: string; id: string }): string {
  return `${snapshotImageName(snapshot.name)}:${snapshot.id}`;
}
