import { Plus, X } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Sandbox } from '#shared/contract/sandboxes';
import { operations } from '../../api/operations';
import { useEngineReady } from '../../stores/engine';
import { useTerminals } from '../../stores/terminals';
import { Button, IconButton } from '../../ui/Button';
import { EmptyState } from '../../ui/EmptyState';
import { toastError } from '../../ui/toastError';
import { TerminalView } from './TerminalView';
import './terminal.css';

/** Size of a terminal until it is fitted to its element. */
const INITIAL_SIZE = { cols: 80, rows: 24 };

interface TerminalTabsProps {
  sandbox: Sandbox;
  /** Open a terminal automatically once the sandbox is running. */
  openFirst: boolean;
  /** Shown in place of terminals while none can be opened. */
  children: ReactNode;
}

/** Terminals of a sandbox as tabs. Sessions keep running in the background. */
export function TerminalTabs({ sandbox, openFirst, children }: TerminalTabsProps) {
  const terminals = useTerminals(({ items }) => items)
    .filter(({ sandboxId }) => sandboxId === sandbox.id)
    .sort((a, b) => a.openedAt - b.openedAt);
  const [chosenId, setChosenId] = useState<string | null>(null);
  const canOpen = useEngineReady() && sandbox.status === 'ready';
  const shown = terminals.find(({ id }) => id === chosenId) ?? terminals.at(-1);
  const number = shown ? terminals.indexOf(shown) + 1 : 0;

  const open = async () => {
    await toastError(
      operations.terminals
        .open({ sandbox: sandbox.id, ...INITIAL_SIZE })
        .then(({ id }) => setChosenId(id)),
    );
  };

  const opened = useRef(false);
  const none = terminals.length === 0;
  useEffect(() => {
    if (!openFirst || !canOpen || opened.current) return;
    opened.current = true;
    if (none) void open();
  });

  return (
    <div className="terminals">
      {terminals.length > 0 && (
        <div className="terminal-bar">
          <div role="tablist" aria-label="Terminals">
            {terminals.map(({ id, shell, state }, index) => (
              <span key={id} className={`terminal-tab ${id === shown?.id ? 'current' : ''}`}>
                <button
                  type="button"
                  role="tab"
                  aria-selected={id === shown?.id}
                  aria-label={`Terminal ${index + 1}`}
                  onClick={() => setChosenId(id)}
                >
                  <span className={`dot ${state === 'running' ? 'on' : ''}`} />
                  {index + 1} · {shell.split('/').at(-1)}
                </button>
                <IconButton
                  label={`Close terminal ${index + 1}`}
                  onClick={() => void toastError(operations.terminals.close({ id }))}
                >
                  <X size={14} />
                </IconButton>
              </span>
            ))}
          </div>
          <IconButton label="New terminal" disabled={!canOpen} onClick={() => void open()}>
            <Plus size={16} />
          </IconButton>
        </div>
      )}
      {children}
      {shown && (
        <TerminalView
          key={shown.id}
          terminal={shown}
          label={`Terminal ${number}`}
          onOpenNew={canOpen ? () => void open() : null}
        />
      )}
      {none && canOpen && !openFirst && (
        <EmptyState
          title="No terminal open"
          action={
            <Button variant="primary" onClick={() => void open()}>
              Open a new terminal
            </Button>
          }
        >
          A terminal keeps running in the sandbox until you close it.
        </EmptyState>
      )}
    </div>
  );
}
