import type { SnapshotRecord } from '../catalog';

/** Repository of a snapshot's image: `docker images` lists it under the snapshot's name. */
export function snapshotImageName(name: string): string {
  return `sandglass/${name}`;
}

/** Reference that a snapshot's image gets; the id as its tag makes it unique. */
export function snapshotImageReference(snapshot: { name: string; id: string }): string {
  return `${snapshotImageName(snapshot.name)}:${snapshot.id}`;
}

/** Reference of a finished snapshot's image. */
export function imageOf(snapshot: Pick<SnapshotRecord, 'id' | 'name' | 'dockerImage'>): string {
  return snapshot.dockerImage ?? snapshotImageReference(snapshot);
}

/** Tag that keeps an image in Docker until the snapshot that is made from it has its own. */
export function buildReference(snapshot: { id: string }): string {
  return `sandglass-build/${snapshot.id}:latest`;
}
