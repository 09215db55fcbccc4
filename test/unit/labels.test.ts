import { expect, it } from 'vitest';
import {
  describeObject,
  fromDockerLabels,
  toDockerLabels,
} from '../../electron/engine/docker/labels';

const minimal = describeObject({
  kind: 'snapshot',
  home: '0123456789ab',
  id: 'c5f7a1de-2a4b-4a9e-8f43-3a3d9b8f6a10',
  name: 'team/ml',
  createdAt: Date.UTC(2026, 10, 23, 12),
});

it('round-trips any text', () => {
  const full = {
    ...minimal,
    tag: 'v1',
    image: 'python:3.12',
    imageDigest: 'python@sha256:00',
    fsCapacityBytes: 2 ** 40,
    note: 'Line one\nline "two" = $HOME',
    labels: { team: 'ml', 'a=b': '{"json": true}' },
  };
  expect(fromDockerLabels(toDockerLabels(full))).toEqual(full);
  expect(fromDockerLabels(toDockerLabels(minimal))).toEqual(minimal);
});

it('overrides every key that a container would inherit from its image', () => {
  const image = toDockerLabels({ ...minimal, tag: 'v1', note: 'from the image' });
  const sandbox = describeObject({ ...minimal, kind: 'sandbox', tag: null, note: '' });
  expect(fromDockerLabels({ ...image, ...toDockerLabels(sandbox) })).toEqual(sandbox);
});

it('ignores the objects of others', () => {
  expect(fromDockerLabels(null)).toBeNull();
  expect(fromDockerLabels({ 'com.docker.compose.project': 'x' })).toBeNull();
  expect(fromDockerLabels({ 'dev.sandglass.kind': 'other', 'dev.sandglass.home': 'a' })).toBeNull();
});
