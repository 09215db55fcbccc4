import type { ITheme } from '@xterm/xterm';

/** The 16 ANSI colours per theme, with WCAG AA contrast against the background. */
const dark: ITheme = {
  background: '#12110c',
  foreground: '#ece7da',
  cursor: '#e6b450',
  selectionBackground: '#5a4a20',
  black: '#2a271e',
  red: '#ff8f85',
  green: '#a9cf7f',
  yellow: '#e6b450',
  blue: '#8ab4f0',
  magenta: '#d3a3e8',
  cyan: '#7fcfc8',
  white: '#d6d0c1',
  brightBlack: '#8f8875',
  brightRed: '#ffb0a8',
  brightGreen: '#c3e59c',
  brightYellow: '#f4cf7e',
  brightBlue: '#b0cefa',
  brightMagenta: '#e5c4f3',
  brightCyan: '#a5e3dd',
  brightWhite: '#fffaf0',
};

const light: ITheme = {
  background: '#fffefb',
  foreground: '#24211a',
  cursor: '#8a5a00',
  selectionBackground: '#f3dcaa',
  black: '#24211a',
  red: '#b3261e',
  green: '#39701a',
  yellow: '#7a5200',
  blue: '#1f5bb5',
  magenta: '#8a2da5',
  cyan: '#0b6b66',
  white: '#6b6657',
  brightBlack: '#625d50',
  brightRed: '#93170f',
  brightGreen: '#285710',
  brightYellow: '#5f4000',
  brightBlue: '#124390',
  brightMagenta: '#6d1a86',
  brightCyan: '#05524e',
  brightWhite: '#24211a',
};

export const terminalThemes = { dark, light };
