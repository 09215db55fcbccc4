import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { Unicode11Addon } from '@xterm/addon-unicode11';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { type ITerminalOptions, Terminal } from '@xterm/xterm';
import { ACK_STEP_BYTES, type TerminalOutput } from '#shared/terminalPort';
import { connectTerminal, type TerminalConnection } from '../../api/terminalPort';
import { handleClipboardKeys } from './clipboardKeys';

/** Lines kept above the screen; the session in the main process gives back as many. */
const SCROLLBACK_LINES = 5000;

export interface OpenTerminal {
  xterm: Terminal;
  search: SearchAddon;
  fit(): void;
  dispose(): void;
}

/** Draws a terminal session in an element, for as long as it is shown. */
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
  // The main process opens web links in the browser, and nothing else.
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

/** Messages wait until the port is there; none is sent after the close. */
function connect(terminalId: string, xterm: Terminal): Pick<TerminalConnection, 'send' | 'close'> {
  let closed = false;
  let drawn = 0;
  const show = (output: TerminalOutput) => {
    if (closed) return;
    switch (output.type) {
      case 'replay':
        replay(xterm, output);
        // The screen came in the session's size; now it takes this view's.
        link.send({ type: 'resize', cols: xterm.cols, rows: xterm.rows });
        break;
      case 'output':
        xterm.write(output.bytes, () => {
          drawn += output.bytes.length;
          if (drawn < ACK_STEP_BYTES) return;
          link.send({ type: 'ack', bytes: drawn });
          drawn = 0;
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

/** The screen so far was laid out for the session's size: drawn there first, then fitted here. */
function replay(xterm: Terminal, output: Extract<TerminalOutput, { type: 'replay' }>): void {
  const { cols, rows } = xterm;
  xterm.resize(output.cols, output.rows);
  xterm.write(output.screen, () => xterm.resize(cols, rows));
}
