import type Docker from 'dockerode';
import { expect } from 'vitest';
import type { Sandglass } from '../../electron/engine/sandglass';
import { dockerItself } from './engine';

/** The catalog and Docker say the same of every sandbox and snapshot, and nothing is half made. */
export async function expectAgreement(
  { operations }: Sandglass,
  docker: Docker = dockerItself(),
): Promise<void> {
  const sandboxes = await operations.sandboxes.list();
  const { snapshots } = await operations.snapshots.list({ limit: 500 });
  const containers = await docker.listContainers({ all: true });
  const own = containers.filter(({ Labels }) => Labels['dev.sandglass.id']);
  const state = (id: string) => own.find(({ Labels }) => Labels['dev.sandglass.id'] === id)?.State;
  const expected = { ready: 'running', stopped: 'exited' };
  for (const { id, status, suspended } of sandboxes) {
    expect(['ready', 'stopped']).toContain(status);
    const wanted = suspended ? 'paused' : expected[status as keyof typeof expected];
    expect(state(id)).toBe(wanted);
  }
  expect(own).toHaveLength(sandboxes.length);
  const { Volumes } = await docker.listVolumes();
  expect((Volumes ?? []).map(({ Name }) => Name).sort()).toEqual(
    sandboxes.map(({ id }) => `sandglass-tmp-${id}`).sort(),
  );
  const tags = (await docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []);
  expect(snapshots.map(({ status }) => status)).toEqual(snapshots.map(() => 'ready'));
  expect(tags.filter((tag) => tag.startsWith('sandglass/')).sort()).toEqual(
    snapshots.map(({ name, id }) => `sandglass/${name}:${id}`).sort(),
  );
}
