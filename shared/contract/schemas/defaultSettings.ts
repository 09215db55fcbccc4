/** "SAND" on a telephone; nobody has registered it (IANA). */
export const DEFAULT_API_PORT = 7263;

/** What the user has not chosen otherwise; the page has it before it has a schema. */
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
