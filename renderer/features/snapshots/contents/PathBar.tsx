import { ArrowUp, PencilLine } from 'lucide-react';
import { type FormEvent, type KeyboardEvent, useState } from 'react';
import { IconButton } from '../../../ui/Button';
import { nameText } from './folder/describeEntry';
import './PathBar.css';

interface PathBarProps {
  folder: string;
  /** The path as text, when one is being typed. */
  typed: string | null;
  onType: (text: string | null) => void;
  /** It is typed no further. */
  onCancel: () => void;
  onGo: (path: string) => void;
}

/** Where the list is: a button for each folder above, or a field for a path. */
export function PathBar({ folder, typed, onType, onCancel, onGo }: PathBarProps) {
  const names = folder.split('/').filter(Boolean);
  return (
    <div className="path-bar">
      <IconButton
        label="Folder above"
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
          <IconButton label="Go to a path (/)" onClick={() => onType(folder)}>
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
    // What a clipboard has may have a line's end.
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
        // biome-ignore lint/a11y/noAutofocus: it has just been asked for
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
