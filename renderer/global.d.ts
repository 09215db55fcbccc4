import 'react';
import type { DesktopApi } from '#shared/desktopApi';

declare global {
  interface Window {
    readonly sandglass: DesktopApi;
  }
}

declare module 'react' {
  /** Custom properties passed from components to style sheets. */
  interface CSSProperties {
    '--depth'?: number;
  }
}
