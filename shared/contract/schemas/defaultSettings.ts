/** "SAND" on a telephone keypad. Not assigned by IANA. */
export const DEFAULT_API_PORT = 7263;

/**
 * Defaults of all settings. A file of its own, as the page needs it before the schemas are loaded.
 */
export const defaultSettings = {
  theme: 'system',
  keepInTray: true,
  terminalFontSize: 13,
  defaultImage: 'python:3.12-slim',
  lookInside: true,
  apiEnabled: true,
  apiPort: DEFAULT_API_PORT,
  storeSecretsUnprotected: false,
} as const;
