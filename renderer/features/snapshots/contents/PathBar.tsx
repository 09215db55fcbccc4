import { ArrowUp, PencilLine } from 'lucide-react';
import { type FormEvent, type KeyboardEvent, useState } from 'react';
import { IconButton } from '../../../ui/Button';
import { nameText } from './folder/describeEntry';
import './PathBar.css';

interface PathBarProps {
  folder: string;
  /** Text of the path field; null while breadcrumbs are shown. */
  typed: string | null;
  onType: (text: string | null) => void;
  /** Called when editing is cancelled. */
  onCancel: () => void;
  onGo: (path: string) => void;
}

/** Current path as breadcrumbs, or as a text field. */
export function PathBar({ folder, typed, onType, onCancel, onGo }: PathBarProps) {
  const names = folder.split('/').filter(Boolean);
  return (
    <div className="path-bar">
      <IconButton
        label="Parent folder"
        disabled={folder === '/'}
        onClick={() => onGo(`/${names.slice(0, -1).join('/')}`)}
      >
        <ArrowUp size={16} />
      </IconButton>
      {typed === null ? (
        <>
          <nav className="breadcrumbs mono" aria-label="Path">
            <Crumb name="/" path="/" isLast={names.length === 0} onGo={onGo} />
            {names.map((name, index) => {
              const path = `/${names.slice(0, index + 1).join('/')}`;
              const isLast = index === names.length - 1;
              return (
                <Crumb key={path} name={nameText(name)} path={path} isLast={isLast} onGo={onGo} />
              );
            })}
          </nav>
          <IconButton label="Enter a path (/)" onClick={() => onType(folder)}>
            <PencilLine size={14} />
          </IconButton>
        </>
      ) : (
        <PathField text={typed} onType={onType} onCancel={onCancel} onGo={onGo} />
      )}
    </div>
  );
}

interface CrumbProps {
  name: string;
  path: string;
  isLast: boolean;
  onGo: (path: string) => void;
}

function Crumb({ name, path, isLast, onGo }: CrumbProps) {
  return (
    <>
      <button
        type="button"
        className="crumb"
        aria-current={isLast ? 'location' : undefined}
        title={path}
        onClick={() => onGo(path)}
      >
        {name}
      </button>
      {!isLast && path !== '/' && <span className="soft">/</span>}
    </>
  );
}

function PathField({
  text,
  onType,
  onCancel,
  onGo,
}: Pick<PathBarProps, 'onType' | 'onCancel' | 'onGo'> & { text: string }) {
  const [hasFocus, setHasFocus] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // Pasted text may end with a newline.
    const path = text.trim();
    onGo(path.startsWith('/') ? path : `/${path}`);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    onCancel();
  };
  return (
    <form className="path-field" onSubmit={submit}>
      <input
        className="text-input mono"
        aria-label="Go to path"
        placeholder="/etc/os-release"
        spellCheck={false}
        // biome-ignore lint/a11y/noAutofocus: the user has just opened the field
        autoFocus
        value={text}
        onFocus={(event) => {
          if (!hasFocus && text !== '/') event.target.select();
          setHasFocus(true);
        }}
        onChange={(event) => onType(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={() => onType(null)}
      />
    </form>
  );
}
