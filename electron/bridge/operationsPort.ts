import { RPCHandler } from '@orpc/server/message-port';
import { ipcMain } from 'electron';
import { OPERATIONS_PORT_MESSAGE } from '#shared/desktopApi';
import { wireSerializers } from '#shared/wire';
import type { Router } from '../engine/router';
import { isTrustedSender } from './trustedSender';

/** Serves the contract's operations over a MessagePort that a window requests. */
export function serveOperations(router: Router): void {
  const handler = new RPCHandler(router, { customJsonSerializers: wireSerializers });
  ipcMain.on(OPERATIONS_PORT_MESSAGE, (event) => {
    const [port] = event.ports;
    if (!port) return;
    if (!isTrustedSender(event)) {
      port.close();
      return;
    }
    handler.upgrade(port);
    port.start();
  });
}
