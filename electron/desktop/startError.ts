import { app, BrowserWindow } from 'electron';
import type { SandglassError } from '#shared/errors';

/** Shows in a small window why the app cannot start. Closing it exits with code 1. */
export function showStartError({ message, hint }: SandglassError): void {
  const window = new BrowserWindow({
    width: 520,
    height: 260,
    useContentSize: true,
    resizable: false,
    fullscreenable: false,
    show: false,
    title: 'Sandglass cannot start',
    autoHideMenuBar: true,
    webPreferences: { contextIsolation: true, sandbox: true, nodeIntegration: false },
  });
  window.removeMenu();
  window.once('ready-to-show', () => window.show());
  window.once('closed', () => app.exit(1));
  const page = pageOf(message, hint ?? '');
  void window.loadURL(`data:text/html;charset=utf-8,${encodeURIComponent(page)}`);
}

/** Self-contained HTML, as the app's own page may be what is broken. */
function pageOf(message: string, hint: string): string {
  return `<!doctype html>
<html lang="en">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; style-src 'unsafe-inline'; script-src-attr 'unsafe-inline'">
<title>Sandglass cannot start</title>
<style>
  :root { color-scheme: light dark; font: 13px/1.5 system-ui, sans-serif; }
  body { margin: 24px; overflow-wrap: anywhere; background: light-dark(#faf9f6, #16150f);
    color: light-dark(#24211a, #ece7da); }
  h1 { margin: 0 0 12px; font-size: 17px; }
  footer { position: fixed; right: 24px; bottom: 24px; }
  button { min-width: 88px; padding: 6px 16px; font: inherit; }
</style>
<main role="alert">
  <h1>Sandglass cannot start</h1>
  <p>${escaped(message)}</p>
  <p>${escaped(hint)}</p>
</main>
<footer><button autofocus onclick="window.close()">Quit</button></footer>
</html>`;
}

/** Escapes HTML: messages contain paths, which may contain any character. */
function escaped(text: string): string {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
