import { useEffect, useRef, useState } from 'react';
import type { Terminal } from '#shared/contract/terminals';
import { useSettings } from '../../stores/settings';
import { Button } from '../../ui/Button';
import { useThemeName } from '../frame/useTheme';
import { type OpenTerminal, openXterm } from './openXterm';
import { TerminalSearch } from './TerminalSearch';
import { terminalThemes } from './terminalTheme';
import '@xterm/xterm/css/xterm.css';

interface TerminalViewProps {
  terminal: Terminal;
  label: string;
  onOpenNew: (() => void) | null;
}

/** View of a terminal session. */
export function TerminalView({ terminal, label, onOpenNew }: TerminalViewProps) {
  const element = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<OpenTerminal | null>(null);
  const [searching, setSearching] = useState(false);
  const theme = useThemeName();
  const fontSize = useSettings((settings) => settings.terminalFontSize);
  const appearance = useRef({ theme, fontSize });
  appearance.current = { theme, fontSize };

  useEffect(() => {
    const host = element.current;
    if (!host) return;
    const opened = openXterm(terminal.id, host, {
      fontFamily: getComputedStyle(host).getPropertyValue('--mono'),
      fontSize: appearance.current.fontSize,
      theme: terminalThemes[appearance.current.theme],
    });
    const observer = new ResizeObserver(() => opened.fit());
    observer.observe(host);
    opened.fit();
    opened.xterm.focus();
    setOpen(opened);
    return () => {
      observer.disconnect();
      opened.dispose();
      setOpen(null);
    };
  }, [terminal.id]);

  useEffect(() => {
    if (!open) return;
    open.xterm.options.theme = terminalThemes[theme];
    open.xterm.options.fontSize = fontSize;
    open.fit();
  }, [open, theme, fontSize]);

  return (
    <section
      className="terminal-view"
      aria-label={label}
      onKeyDownCapture={(event) => {
        if (event.key.toLowerCase() !== 'f' || !event.shiftKey || !(event.ctrlKey || event.metaKey))
          return;
        event.preventDefault();
        event.stopPropagation();
        setSearching(true);
      }}
    >
      {searching && open && (
        <TerminalSearch
          terminal={open}
          onClose={() => {
            setSearching(false);
            open.xterm.focus();
          }}
        />
      )}
      <div className="terminal-host" ref={element} />
      {terminal.state === 'ended' && (
        <footer className="terminal-ended" role="status">
          <span>
            The shell exited
            {terminal.exitCode === null ? '.' : ` with code ${terminal.exitCode}.`}
          </span>
          {onOpenNew && <Button onClick={onOpenNew}>Open a new terminal</Button>}
        </footer>
      )}
    </section>
  );
}
