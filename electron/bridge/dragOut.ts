import { randomUUID } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { app, ipcMain, nativeImage } from 'electron';
import { z } from 'zod';
import { absolutePathSchema, idSchema } from '#shared/contract/fields';
import type { Operations } from '#shared/contract/index';
import { PREPARE_DRAG_CALL, START_DRAG_MESSAGE } from '#shared/desktopApi';
import { type ErrorInfo, SandglassError, toSandglassError } from '#shared/errors';
import { isTrustedSender } from './trustedSender';

const dragInput = z.object({ snapshotId: idSchema, path: absolutePathSchema });
type DragInput = z.infer<typeof dragInput>;

/** Larger items are saved with the "Save…" button, which shows progress. Bytes. */
const MAX_DRAG_BYTES = 512 * 1024 ** 2;
/**
 * Copies retained for repeated drags. By the time the oldest is removed, its drop has completed.
 */
const MAX_PREPARED = 8;
const DAY_SECONDS = 86_400;

/**
 * Lets the page drag files of snapshots out of the window. The OS needs a real file, so it is
 * copied below `folder` first. All copies are removed when the app quits.
 */
export function serveDragOut(operations: Operations, folder: string): void {
  const clear = () => rmSync(folder, { recursive: true, force: true });
  const prepared = new Map<string, string>();
  clear();
  app.on('will-quit', clear);

  ipcMain.handle(PREPARE_DRAG_CALL, async (event, argument: unknown): Promise<ErrorInfo | null> => {
    try {
      if (!isTrustedSender(event))
        throw new SandglassError('forbidden', 'The sender is not trusted.');
      const input = dragInput.parse(argument);
      if (existsSync(prepared.get(keyOf(input)) ?? '')) return null;
      prepared.set(keyOf(input), await copyOut(operations, input, folder));
      await removeOldest(prepared);
      return null;
    } catch (thrown) {
      return toSandglassError(thrown).toInfo();
    }
  });

  ipcMain.on(START_DRAG_MESSAGE, (event, argument: unknown) => {
    const input = dragInput.safeParse(argument);
    const file = input.success ? prepared.get(keyOf(input.data)) : undefined;
    if (!isTrustedSender(event) || !file || !existsSync(file)) return;
    event.sender.startDrag({ file, icon: dragIcon() });
  });
}

function keyOf({ snapshotId, path }: DragInput): string {
  return `${snapshotId} ${path}`;
}

async function copyOut(operations: Operations, input: DragInput, folder: string): Promise<string> {
  await requireSmall(operations, input);
  const to = join(folder, randomUUID());
  await mkdir(to, { recursive: true, mode: 0o700 });
  try {
    const { task } = await operations.contents.save({ ...input, to });
    const ended = await operations.tasks.wait({ id: task.id, timeoutSeconds: DAY_SECONDS });
    if (ended.error) throw SandglassError.fromInfo(ended.error);
    const [name] = await readdir(to);
    if (name === undefined) throw new SandglassError('cancelled', 'The drag was cancelled.');
    return join(to, name);
  } catch (thrown) {
    await rm(to, { recursive: true, force: true });
    throw thrown;
  }
}

async function requireSmall(operations: Operations, { snapshotId, path }: DragInput) {
  const found = await operations.contents.locate({ snapshotId, path });
  const { entry } = found.leadsTo
    ? await operations.contents.locate({ snapshotId, path: found.leadsTo.path })
    : found;
  if (entry.sizeBytes <= MAX_DRAG_BYTES) return;
  throw new SandglassError('invalid_input', `"${entry.name}" is too large to drag.`, {
    hint: 'Use "Save…" for items over 512 MiB.',
    field: 'path',
  });
}

async function removeOldest(prepared: Map<string, string>): Promise<void> {
  for (const [key, file] of [...prepared].slice(0, -MAX_PREPARED)) {
    prepared.delete(key);
    await rm(join(file, '..'), { recursive: true, force: true });
  }
}

/** Drag image. macOS rejects a drag without one. */
function dragIcon() {
  const icon = nativeImage.createFromPath(join(app.getAppPath(), 'resources', 'icon.png'));
  return icon.resize({ width: 32, height: 32 });
}
