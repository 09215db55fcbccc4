import { ipcMain, type MessagePortMain } from 'electron';
import { idSchema } from '#shared/contract/fields';
import { TERMINAL_PORT_MESSAGE } from '#shared/desktopApi';
import { SandglassError } from '#shared/errors';
import { type TerminalOutput, terminalInputSchema } from '#shared/terminalPort';
import type { Engine } from '../engine/engine';
import type { TerminalAttachment } from '../engine/terminals';
import { isTrustedSender } from './trustedSender';

/** Connects each terminal view to its session over a MessagePort of its own. */
export function serveTerminals(sandglass: Pick<Engine, 'attachTerminal'>): void {
  ipcMain.on(TERMINAL_PORT_MESSAGE, (event, argument: unknown) => {
    const [port] = event.ports;
    if (!port) return;
    const terminalId = idSchema.safeParse(argument);
    if (!isTrustedSender(event) || !terminalId.success) {
      port.close();
      return;
    }
    try {
      const attachment = sandglass.attachTerminal(terminalId.data, {
        send: (output) => port.postMessage(withOwnBytes(output)),
      });
      connect(port, attachment);
    } catch (thrown) {
      port.close();
      // The session has ended meanwhile. The page is notified by the port closing.
      if (!(thrown instanceof SandglassError && thrown.code === 'not_found')) throw thrown;
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

/**
 * Structured clone copies the whole underlying buffer of a view: trims it to the message's bytes.
 */
function withOwnBytes(output: TerminalOutput): TerminalOutput {
  if (output.type !== 'output' || output.bytes.byteLength === output.bytes.buffer.byteLength) {
    return output;
  }
  return { ...output, bytes: new Uint8Array(output.bytes) };
}
