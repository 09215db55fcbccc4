import type { DesktopApi } from '#shared/desktopApi';

declare global {
  interface Window {
    readonly sandglass: DesktopApi;
  }
}
