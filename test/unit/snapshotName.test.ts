import { expect, it } from 'vitest';
import { nameOfImage } from '../../renderer/features/common/snapshotName';

it.each([
  ['python:3.12-slim', 'python'],
  ['ghcr.io/astral-sh/uv:latest', 'uv'],
  ['localhost:5000/team/tools@sha256:abc', 'tools'],
  ['node', 'node'],
  ['', ''],
  ['ends-with/', ''],
])('a snapshot of %s may be called "%s"', (image, name) => {
  expect(nameOfImage(image)).toBe(name);
});
