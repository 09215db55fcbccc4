import type { IpcMainEvent, IpcMainInvokeEvent } from 'electron';
import { isPageUrl } from './pageOrigin';

/** Whether a message comes from the app's own page in the top frame of its window. */
export function isTrustedSender(event: IpcMainEvent | IpcMainInvokeEvent): boolean {
  const frame = event.senderFrame;
  return frame !== null && frame === event.sender.mainFrame && isPageUrl(frame.url);
}
