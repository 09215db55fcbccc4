import 'react';

declare module 'react' {
  /** Custom properties passed from components to style sheets. */
  interface CSSProperties {
    '--depth'?: number;
  }
}
