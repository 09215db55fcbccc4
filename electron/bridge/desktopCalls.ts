import { BrowserWindow, dialog, type IpcMainInvokeEvent, ipcMain, shell } from 'electron';
import { z } from 'zod';
import { idSchema } from '#shared/contract/fields';
import type { Operations } from '#shared/contract/index';
import { OPEN_API_PAGE_CALL, OPEN_PORT_CALL, PICK_PATH_CALL, pathKinds } from '#shared/desktopApi';
import { SandglassError } from '#shared/errors';
import { isTrustedSender } from './trustedSender';

const pickInput = z.object({ kind: z.enum(pathKinds), name: z.string().max(255) });
const portInput = z.object({ sandbox: idSchema, containerPort: z.number().int() });

/** Operations that need the desktop: file dialogs and the default browser. */
export function serveDesktopCalls(operations: Operations): void {
  ipcMain.handle(PICK_PATH_CALL, async (event, input: unknown) => {
    requireTrusted(event);
    const { kind, name } = pickInput.parse(input);
    return await pickPath(BrowserWindow.fromWebContents(event.sender), kind, name);
  });
  ipcMain.handle(OPEN_PORT_CALL, async (event, input: unknown) => {
    requireTrusted(event);
    const { sandbox, containerPort } = portInput.parse(input);
    await shell.openExternal(await portUrl(operations, sandbox, containerPort));
  });
  ipcMain.handle(OPEN_API_PAGE_CALL, async (event) => {
    requireTrusted(event);
    const { address } = await operations.localApi.status();
    if (address) await shell.openExternal(`${address}/`);
  });
}

/** Resolves the URL in the main process, so that the page can only open ports of sandboxes. */
async function portUrl(operations: Operations, sandbox: string, port: number): Promise<string> {
  const { ports } = await operations.sandboxes.get({ sandbox });
  const published = ports.find(({ containerPort }) => containerPort === port);
  if (published?.hostPort) return `http://127.0.0.1:${published.hostPort}/`;
  const day = 86_400;
  return (await operations.services.share({ sandbox, port, expiresInSeconds: day })).browserUrl;
}

async function pickPath(
  window: BrowserWindow | null,
  kind: (typeof pathKinds)[number],
  name: string,
): Promise<string | null> {
  if (!window) return null;
  if (kind === 'save') {
    const { filePath } = await dialog.showSaveDialog(window, { defaultPath: name });
    return filePath || null;
  }
  const { filePaths } = await dialog.showOpenDialog(window, {
    properties: kind === 'file' ? ['openFile'] : ['openDirectory', 'createDirectory'],
  });
  return filePaths[0] ?? null;
}

function requireTrusted(event: IpcMainInvokeEvent): void {
  if (!isTrustedSender(event)) throw new SandglassError('forbidden', 'The sender is not trusted.');
}
