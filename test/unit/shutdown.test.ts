import { EventEmitter } from 'node:events';
import { expect, it, vi } from 'vitest';
import { closeBeforeQuit } from '../../electron/desktop/shutdown';

/** Electron's part: quits unless a listener prevents it. */
const app = vi.hoisted(() => ({ hasQuit: false }));

vi.mock('electron', () => {
  const emitter = new EventEmitter();
  const quit = () => {
    let isPrevented = false;
    const preventDefault = () => {
      isPrevented = true;
    };
    emitter.emit('before-quit', { preventDefault });
    app.hasQuit ||= !isPrevented;
  };
  return { app: Object.assign(emitter, { quit }) };
});

it('quits once the engine has closed, however often requested', async () => {
  const { app: electron } = await import('electron');
  const onQuit = vi.fn();
  let endEngine = () => {};
  const close = vi.fn(
    () =>
      new Promise<void>((resolve) => {
        endEngine = resolve;
      }),
  );
  closeBeforeQuit(close, onQuit, () => {});

  electron.quit();
  electron.quit();
  process.emit('SIGTERM');
  await new Promise((resolve) => setImmediate(resolve));
  expect(close).toHaveBeenCalledTimes(1);
  expect(onQuit).toHaveBeenCalledTimes(1);
  expect(app.hasQuit).toBe(false);

  endEngine();
  await vi.waitFor(() => expect(app.hasQuit).toBe(true));
});
