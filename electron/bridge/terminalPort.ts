import { ipcMain, type MessagePortMain } from 'electron';
import { TERMINAL_PORT_MESSAGE } from '#shared/desktopApi';
import { terminalInputSchema } from '#shared/terminalPort';
import type { Sandglass } from '../engine/sandglass';
import type { TerminalAttachment } from '../engine/terminals/terminalView';
import { isTrustedSender } from './trustedSender';

/** Connects each terminal that a window shows with its session, over a port of its own. */
export function serveTerminals(sandglass: Pick<Sandglass, 'attachTerminal'>): void {
  ipcMain.on(TERMINAL_PORT_MESSAGE, (event, terminalId: unknown) => {
    const [port] = event.ports;
    if (!port) return;
    if (!isTrustedSender(event) || typeof terminalId !== 'string') {
      port.close();
      return;
    }
    try {
      const attachment = sandglass.attachTerminal(terminalId, {
        send: (output) => port.postMessage(output),
      });
      connect(port, attachment);
    } catch {
      // A session that has gone meanwhile: the page learns it by its port closing.
      port.close();
    }
  });
}

function connect(port: MessagePortMain, attachment: TerminalAttachment): void {
  port.on('message', ({ data }) => {
    const message = terminalInputSchema.safeParse(data);
    if (!message.success) return;
    switch (message.data.type) {
      case 'input':
        attachment.input(message.data.bytes);
        break;
      case 'resize':
        attachment.resize(message.data);
        break;
      case 'ack':
        attachment.acknowledge(message.data.bytes);
        break;
    }
  });
  port.on('close', () => attachment.detach());
  port.start();
}
