import { expect, it } from 'vitest';
import { PullProgress } from '../../electron/engine/docker/images/pullProgress';

it('sums the layers, download and extraction half each', () => {
  const progress = new PullProgress();
  progress.add({ id: '3.12', status: 'Pulling from library/python' });
  progress.add({ id: 'aaa', status: 'Pulling fs layer' });
  expect(progress.add({ id: 'bbb', status: 'Already exists' }).fraction).toBe(0.5);
  const half = progress.add({
    id: 'aaa',
    status: 'Downloading',
    progressDetail: { current: 50, total: 100 },
  });
  expect(half).toMatchObject({ fraction: 0.625, bytesDone: 50, bytesTotal: 100 });
  const unpacking = progress.add({
    id: 'aaa',
    status: 'Extracting',
    progressDetail: { current: 50, total: 100 },
  });
  expect(unpacking).toMatchObject({ fraction: 0.875, bytesDone: 100 });
  expect(progress.add({ id: 'aaa', status: 'Pull complete' })).toMatchObject({
    fraction: 1,
    bytesDone: 100,
    layers: [
      { id: 'aaa', current: 100, total: 100 },
      { id: 'bbb', current: 0 },
    ],
  });
});
