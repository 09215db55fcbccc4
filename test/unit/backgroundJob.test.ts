import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { BackgroundJob, type BackgroundJobOptions } from '../../electron/engine/lib/backgroundJob';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Work whose run n ends when the test calls `ends[n]`. */
function manualWork() {
  const ends: Array<(thrown?: unknown) => void> = [];
  const work = vi.fn(
    () =>
      new Promise<number>((resolve, reject) => {
        const result = ends.length + 1;
        ends.push((thrown) => (thrown ? reject(thrown) : resolve(result)));
      }),
  );
  return { work, ends };
}

it('runs once for many requests, when the last one is old enough', async () => {
  const work = vi.fn(async () => {});
  const job = new BackgroundJob(work, { debounceMs: 100 });
  for (let i = 0; i < 5; i += 1) {
    job.request();
    await vi.advanceTimersByTimeAsync(90);
  }
  expect(work).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(10);
  expect(work).toHaveBeenCalledOnce();
});

it('is not postponed for longer than its maximum', async () => {
  const work = vi.fn(async () => {});
  const job = new BackgroundJob(work, { debounceMs: 100, maxWaitMs: 250 });
  for (let i = 0; i < 5; i += 1) {
    job.request();
    await vi.advanceTimersByTimeAsync(50);
  }
  expect(work).toHaveBeenCalledOnce();
});

it('runs once more for a request during a run, after that has ended', async () => {
  const { work, ends } = manualWork();
  const job = new BackgroundJob(work, { debounceMs: 100 });
  job.request();
  await vi.advanceTimersByTimeAsync(100);
  job.request();
  await vi.advanceTimersByTimeAsync(1000);
  expect(work).toHaveBeenCalledTimes(1);
  ends[0]?.();
  await vi.advanceTimersByTimeAsync(0);
  expect(work).toHaveBeenCalledTimes(2);
});

it('rests in proportion to the duration of a run, within its bounds', async () => {
  vi.useRealTimers();
  const restAfter = async (durationMs: number, options: Partial<BackgroundJobOptions>) => {
    const times: number[] = [];
    const work = async () => {
      times.push(performance.now());
      await sleep(durationMs);
      times.push(performance.now());
    };
    const job = new BackgroundJob(work, { debounceMs: 0, ...options });
    await job.run();
    await job.run();
    const [startedAt = 0, endedAt = 0, nextAt = 0] = times;
    return { durationMs: endedAt - startedAt, restMs: nextAt - endedAt };
  };
  // A timer may fire a millisecond early.
  const inProportion = await restAfter(20, { restFactor: 9 });
  expect(inProportion.restMs).toBeGreaterThan(9 * inProportion.durationMs - 5);
  const { restMs: shortest } = await restAfter(0, { restFactor: 9, minRestMs: 200 });
  expect(shortest).toBeGreaterThan(195);
  const { restMs: longest } = await restAfter(100, { restFactor: 200, maxRestMs: 10 });
  expect(longest).toBeLessThan(10_000);
});

it('shares a run among the callers before its beginning, and none that came later', async () => {
  const { work, ends } = manualWork();
  const job = new BackgroundJob(work);
  const first = job.run();
  await vi.advanceTimersByTimeAsync(0);
  const later = [job.run(), job.run()];
  ends[0]?.();
  expect(await first).toBe(1);
  await vi.advanceTimersByTimeAsync(0);
  ends[1]?.();
  expect(await Promise.all(later)).toEqual([2, 2]);
  expect(work).toHaveBeenCalledTimes(2);
});

it('rejects for the callers and reports for requests', async () => {
  const onError = vi.fn();
  const failure = new Error('No.');
  const job = new BackgroundJob(() => Promise.reject(failure), { debounceMs: 0, onError });
  await expect(job.run()).rejects.toBe(failure);
  expect(onError).not.toHaveBeenCalled();
  job.request();
  await vi.advanceTimersByTimeAsync(0);
  expect(onError).toHaveBeenCalledExactlyOnceWith(failure);
});

it('waits for the current run when it closes, and begins no other', async () => {
  const { work, ends } = manualWork();
  const onError = vi.fn();
  const job = new BackgroundJob(work, { debounceMs: 100, onError });
  const current = job.run();
  await vi.advanceTimersByTimeAsync(0);
  job.request();
  await vi.advanceTimersByTimeAsync(100);
  const waiting = expect(job.run()).rejects.toMatchObject({ code: 'interrupted' });
  job.request();
  let isClosed = false;
  const closed = job.close().then(() => {
    isClosed = true;
  });
  await vi.advanceTimersByTimeAsync(1000);
  expect(isClosed).toBe(false);
  ends[0]?.();
  await Promise.all([current, waiting, closed]);
  job.request();
  await vi.advanceTimersByTimeAsync(1000);
  expect(work).toHaveBeenCalledOnce();
  expect(onError).not.toHaveBeenCalled();
});
