import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { Unicode11Addon } from '@xterm/addon-unicode11';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { type ITerminalOptions, Terminal } from '@xterm/xterm';
import { ACK_STEP_BYTES, type TerminalOutput } from '#shared/terminalPort';
import { connectTerminal, type TerminalConnection } from '../../api/terminalPort';
import { handleClipboardKeys } from './clipboardKeys';

/** Scrollback lines, as many as the session in the main process replays. */
const SCROLLBACK_LINES = 5000;

export interface OpenTerminal {
  xterm: Terminal;
  search: SearchAddon;
  fit(): void;
  dispose(): void;
}

/** Renders a terminal session in an element until it is disposed. */
export function openXterm(
  terminalId: string,
  element: HTMLElement,
  options: ITerminalOptions,
): OpenTerminal {
  const xterm = new Terminal({
    scrollback: SCROLLBACK_LINES,
    allowProposedApi: true,
    cursorBlink: !window.matchMedia('(prefers-reduced-motion: reduce)').matches,
    ...options,
  });
  const fitting = new FitAddon();
  const search = new SearchAddon();
  xterm.loadAddon(fitting);
  xterm.loadAddon(search);
  xterm.loadAddon(new Unicode11Addon());
  xterm.unicode.activeVersion = '11';
  // The main process allows only web links and opens them in the browser.
  xterm.loadAddon(new WebLinksAddon((_event, uri) => window.open(uri)));
  xterm.open(element);
  handleClipboardKeys(xterm);
  const link = connect(terminalId, xterm);
  const encoder = new TextEncoder();
  xterm.onData((text) => link.send({ type: 'input', bytes: encoder.encode(text) }));
  xterm.onBinary((text) => {
    link.send({ type: 'input', bytes: Uint8Array.from(text, (char) => char.charCodeAt(0)) });
  });
  xterm.onResize(({ cols, rows }) => link.send({ type: 'resize', cols, rows }));
  return {
    xterm,
    search,
    fit: () => fitting.fit(),
    dispose: () => {
      link.close();
      xterm.dispose();
    },
  };
}

/** Connects to the session. Messages are queued until the port is open and dropped after `close`. */
function connect(terminalId: string, xterm: Terminal): Pick<TerminalConnection, 'send' | 'close'> {
  let closed = false;
  let unacknowledged = 0;
  const show = (output: TerminalOutput) => {
    if (closed) return;
    switch (output.type) {
      case 'replay':
        replay(xterm, output);
        // The replay has the session's size; resize the session to this view.
        link.send({ type: 'resize', cols: xterm.cols, rows: xterm.rows });
        break;
      case 'output':
        xterm.write(output.bytes, () => {
          unacknowledged += output.bytes.length;
          if (unacknowledged < ACK_STEP_BYTES) return;
          link.send({ type: 'ack', bytes: unacknowledged });
          unacknowledged = 0;
        });
        break;
      case 'ended':
        xterm.options.cursorBlink = false;
        xterm.options.disableStdin = true;
        break;
    }
  };
  const connection = connectTerminal(terminalId, show);
  const link = {
    send: (input: Parameters<TerminalConnection['send']>[0]) => {
      void connection.then((open) => {
        if (!closed) open.send(input);
      });
    },
    close: () => {
      closed = true;
      void connection.then((open) => open.close());
    },
  };
  return link;
}

/** Writes the replay at the session's size, then restores the size of this view. */
function replay(xterm: Terminal, output: Extract<TerminalOutput, { type: 'replay' }>): void {
  const { cols, rows } = xterm;
  xterm.resize(output.cols, output.rows);
  xterm.write(output.screen, () => xterm.resize(cols, rows));
}
