import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { expect } from 'vitest';
import type { Engine } from '../../electron/engine/engine';
import { homeIdentity } from '../../electron/engine/host/homeIdentity';
import { dockerItself } from './engine';

/** A busy daemon may take this long to finish requests in progress. */
const AGREEMENT_TIMEOUT_MS = 120_000;

/** Polls until the catalog and Docker agree: events and the requests of a killed app take a moment. */
export async function reachAgreement(sandglass: Engine, docker?: Docker): Promise<void> {
  const deadline = Date.now() + AGREEMENT_TIMEOUT_MS;
  for (;;) {
    try {
      return await expectAgreement(sandglass, docker);
    } catch (thrown) {
      if (Date.now() > deadline) throw thrown;
    }
    await sleep(50);
  }
}

/**
 * Asserts that the catalog and Docker agree on every sandbox and snapshot of a home, and that none is
 * incomplete. Ignores the objects of other homes.
 */
export async function expectAgreement(
  { operations, home }: Engine,
  docker: Docker = dockerItself(),
): Promise<void> {
  const filters = { label: [`dev.sandglass.home=${homeIdentity(home)}`] };
  const sandboxes = await operations.sandboxes.list();
  const { snapshots } = await operations.snapshots.list({ limit: 500 });
  const containers = await docker.listContainers({ all: true, filters });
  // Readers exist only while a snapshot is indexed.
  const own = containers.filter(({ Labels }) => Labels['dev.sandglass.kind'] !== 'reader');
  const state = (id: string) => own.find(({ Labels }) => Labels['dev.sandglass.id'] === id)?.State;
  const expected = { ready: 'running', stopped: 'exited' };
  for (const { id, status, suspended } of sandboxes) {
    expect(['ready', 'stopped']).toContain(status);
    const wanted = suspended ? 'paused' : expected[status as keyof typeof expected];
    expect(state(id)).toBe(wanted);
  }
  expect(own).toHaveLength(sandboxes.length);
  // dockerode does not encode the filters of this call.
  const { Volumes } = await docker.listVolumes({ filters: JSON.stringify(filters) });
  expect((Volumes ?? []).map(({ Name }) => Name).sort()).toEqual(
    sandboxes.map(({ id }) => `sandglass-tmp-${id}`).sort(),
  );
  const images = await docker.listImages({ filters });
  expect(images.map(({ Labels }) => Labels['dev.sandglass.kind'])).not.toContain('builder');
  const tags = images.flatMap(({ RepoTags }) => RepoTags ?? []);
  expect(snapshots.map(({ status }) => status)).toEqual(snapshots.map(() => 'ready'));
  expect(tags.filter((tag) => tag.startsWith('sandglass/')).sort()).toEqual(
    snapshots.map(({ name, id }) => `sandglass/${name}:${id}`).sort(),
  );
}
