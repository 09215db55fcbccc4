import { type FormEvent, useState } from 'react';
import { Button } from '../../ui/Button';

/** Button that turns into a form for the name of a new folder. */
export function NewFolderForm({ onMake }: { onMake: (name: string) => Promise<void> }) {
  const [name, setName] = useState<string | null>(null);
  if (name === null) return <Button onClick={() => setName('')}>New folder</Button>;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    await onMake(name);
    setName(null);
  };
  return (
    <form className="files-new" onSubmit={submit}>
      <input
        className="text-input mono"
        aria-label="Folder name"
        // biome-ignore lint/a11y/noAutofocus: the user has just opened the form
        autoFocus
        value={name}
        onChange={(event) => setName(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && setName(null)}
      />
      <Button type="submit" disabled={name === '' || name.includes('/')}>
        Create
      </Button>
    </form>
  );
}
