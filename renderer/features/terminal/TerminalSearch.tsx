import { ChevronDown, ChevronUp, X } from 'lucide-react';
import { useState } from 'react';
import { IconButton } from '../../ui/Button';
import type { OpenTerminal } from './openXterm';

/** Focuses the field when it is mounted. */
function focusOnce(input: HTMLInputElement | null): void {
  input?.focus();
}

/** Search field for a terminal's screen and scrollback. */
export function TerminalSearch({
  terminal,
  onClose,
}: {
  terminal: OpenTerminal;
  onClose: () => void;
}) {
  const [text, setText] = useState('');
  const [found, setFound] = useState(true);
  const next = (value = text) => setFound(value === '' || terminal.search.findNext(value));
  const previous = () => setFound(text === '' || terminal.search.findPrevious(text));
  return (
    <search className="terminal-search">
      <input
        className="text-input"
        ref={focusOnce}
        aria-label="Find in terminal"
        aria-invalid={!found}
        placeholder="Find"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          next(event.target.value);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onClose();
          if (event.key === 'Enter') (event.shiftKey ? previous : next)();
        }}
      />
      {!found && <span role="status">Not found</span>}
      <IconButton label="Previous" onClick={previous}>
        <ChevronUp size={16} />
      </IconButton>
      <IconButton label="Next" onClick={() => next()}>
        <ChevronDown size={16} />
      </IconButton>
      <IconButton label="Close search" onClick={onClose}>
        <X size={16} />
      </IconButton>
    </search>
  );
}
