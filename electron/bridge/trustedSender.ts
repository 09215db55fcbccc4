import type { IpcMainEvent, IpcMainInvokeEvent } from 'electron';
import { isPageUrl } from './pageOrigin';

/** Only the app's own page, in the top frame of its window, may talk to the main process. */
export function isTrustedSender(event: IpcMainEvent | IpcMainInvokeEvent): boolean {
  const frame = event.senderFrame;
  return frame !== null && frame === event.sender.mainFrame && isPageUrl(frame.url);
}
