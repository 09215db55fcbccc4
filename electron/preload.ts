import { contextBridge, ipcRenderer } from 'electron';
import {
  type DesktopApi,
  type NavigationTarget,
  OPERATIONS_PORT_MESSAGE,
  TERMINAL_PORT_MESSAGE,
} from '#shared/desktopApi';

/** Gives one end of a new channel to the main process and the other to this page. */
function connect(channel: string, argument: unknown, announcement: unknown): void {
  const { port1, port2 } = new MessageChannel();
  ipcRenderer.postMessage(channel, argument, [port1]);
  // A port cannot cross the context bridge; a window message to ourselves can carry it.
  window.postMessage(announcement, location.origin, [port2]);
}

const api: DesktopApi = Object.freeze({
  platform: process.platform,
  connectOperations: () => connect(OPERATIONS_PORT_MESSAGE, null, OPERATIONS_PORT_MESSAGE),
  connectTerminal: (terminalId: string) =>
    connect(TERMINAL_PORT_MESSAGE, terminalId, { type: TERMINAL_PORT_MESSAGE, terminalId }),
  onNavigate: (listener: (target: NavigationTarget) => void) => {
    const forward = (_event: unknown, target: NavigationTarget) => listener(target);
    ipcRenderer.on('sandglass:navigate', forward);
    return () => {
      ipcRenderer.off('sandglass:navigate', forward);
    };
  },
});

contextBridge.exposeInMainWorld('sandglass', api);
