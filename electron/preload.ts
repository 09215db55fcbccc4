import { contextBridge, ipcRenderer, webUtils } from 'electron';
import {
  type DesktopApi,
  type NavigationTarget,
  OPEN_API_PAGE_CALL,
  OPEN_PORT_CALL,
  OPERATIONS_PORT_MESSAGE,
  type PathKind,
  PICK_PATH_CALL,
  PREPARE_DRAG_CALL,
  START_DRAG_MESSAGE,
  TERMINAL_PORT_MESSAGE,
} from '#shared/desktopApi';
import type { ErrorInfo } from '#shared/errors';

/** Sends one end of a new channel to the main process and the other to the page. */
function connect(channel: string, argument: unknown, announcement: unknown): void {
  const { port1, port2 } = new MessageChannel();
  ipcRenderer.postMessage(channel, argument, [port1]);
  // A port cannot cross the context bridge, but a window message can transfer it.
  window.postMessage(announcement, location.origin, [port2]);
}

const navigateListeners = new Set<(target: NavigationTarget) => void>();
/** Target received before the page subscribed. */
let waitingTarget: NavigationTarget | null = null;

ipcRenderer.on('sandglass:navigate', (_event, target: NavigationTarget) => {
  if (navigateListeners.size === 0) waitingTarget = target;
  for (const listener of navigateListeners) listener(target);
});

const api: DesktopApi = Object.freeze({
  platform: process.platform,
  connectOperations: () => connect(OPERATIONS_PORT_MESSAGE, null, OPERATIONS_PORT_MESSAGE),
  connectTerminal: (terminalId: string) =>
    connect(TERMINAL_PORT_MESSAGE, terminalId, { type: TERMINAL_PORT_MESSAGE, terminalId }),
  pickPath: (kind: PathKind, name = '') =>
    ipcRenderer.invoke(PICK_PATH_CALL, { kind, name }) as Promise<string | null>,
  pathOfFile: (file: object) => webUtils.getPathForFile(file as File),
  prepareDrag: (snapshotId: string, path: string) =>
    ipcRenderer.invoke(PREPARE_DRAG_CALL, { snapshotId, path }) as Promise<ErrorInfo | null>,
  startDrag: (snapshotId: string, path: string) =>
    ipcRenderer.send(START_DRAG_MESSAGE, { snapshotId, path }),
  openPort: (sandbox: string, containerPort: number) =>
    ipcRenderer.invoke(OPEN_PORT_CALL, { sandbox, containerPort }) as Promise<void>,
  openApiPage: () => ipcRenderer.invoke(OPEN_API_PAGE_CALL) as Promise<void>,
  onNavigate: (listener: (target: NavigationTarget) => void) => {
    navigateListeners.add(listener);
    if (waitingTarget) listener(waitingTarget);
    waitingTarget = null;
    return () => {
      navigateListeners.delete(listener);
    };
  },
});

contextBridge.exposeInMainWorld('sandglass', api);
