import { ArrowUp, RefreshCw } from 'lucide-react';
import { type FormEvent, useCallback, useEffect, useRef, useState } from 'react';
import type { FileStat, Sandbox } from '#shared/contract/sandboxes';
import { operations } from '../../api/operations';
import { useEngineReady } from '../../stores/engine';
import { useTasks } from '../../stores/tasks';
import { Button, IconButton } from '../../ui/Button';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorNote } from '../../ui/ErrorNote';
import { toastError } from '../../ui/toastError';
import { useOperation } from '../../ui/useOperation';
import { TaskProgress } from '../activity/TaskProgress';
import { FileTable } from './FileTable';
import { NewFolderForm } from './NewFolderForm';
import { foldersFirst, joinPath, parentPath } from './paths';
import './files.css';

/** Browses a sandbox's files and copies them in and out. */
export function FilesPanel({ sandbox }: { sandbox: Sandbox }) {
  const [path, setPath] = useState(sandbox.runConfig.workDir ?? '/');
  const [listed, setListed] = useState<FileStat[] | null>(null);
  /** Sequence number of the latest request: an earlier, slower response is discarded. */
  const requests = useRef(0);
  const [confirmed, setConfirmed] = useState(false);
  const ready = useEngineReady();
  const { running, error, run } = useOperation();
  const { id, status } = sandbox;
  // Listing files starts a stopped sandbox, which requires the user's consent.
  const mayList = ready && (status === 'ready' || confirmed);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `run` is a new function on each render
  const list = useCallback(
    async (at: string) => {
      requests.current += 1;
      const request = requests.current;
      const isLast = () => request === requests.current;
      setPath(at);
      await run(async () => {
        try {
          const files = await operations.sandboxes.listFiles({ sandbox: id, path: at });
          if (isLast()) setListed(foldersFirst(files));
        } catch (thrown) {
          if (isLast()) throw thrown;
        }
      });
    },
    [id],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: later paths are listed explicitly
  useEffect(() => {
    if (mayList) void list(path);
  }, [mayList, list]);

  const act = async (operation: Promise<unknown>) => {
    await toastError(operation);
    await list(path);
  };
  const upload = async (kind: 'file' | 'folder') => {
    const from = await window.sandglass.pickPath(kind);
    if (from === null) return;
    const { task } = await operations.sandboxes.upload({ sandbox: id, path, from });
    await operations.tasks.wait({ id: task.id, timeoutSeconds: 86_400 });
  };
  const download = async (name: string) => {
    const to = await window.sandglass.pickPath('folder');
    if (to !== null) {
      await operations.sandboxes.download({ sandbox: id, path: joinPath(path, name), to });
    }
  };

  if (!mayList) {
    return (
      <EmptyState
        title="The sandbox is stopped"
        action={
          <Button variant="primary" disabled={!ready} onClick={() => setConfirmed(true)}>
            Start and show files
          </Button>
        }
      >
        A sandbox must be running to list its files.
      </EmptyState>
    );
  }
  return (
    <section className="files" aria-label="Files">
      <div className="files-bar">
        <IconButton
          label="Parent folder"
          disabled={path === '/'}
          onClick={() => void list(parentPath(path))}
        >
          <ArrowUp size={16} />
        </IconButton>
        <PathField key={path} path={path} onGo={(to) => void list(to)} />
        <IconButton label="Refresh" onClick={() => void list(path)}>
          <RefreshCw size={16} />
        </IconButton>
        <Button onClick={() => void act(upload('file'))}>Upload file…</Button>
        <Button onClick={() => void act(upload('folder'))}>Upload folder…</Button>
        <NewFolderForm
          onMake={(name) =>
            act(operations.sandboxes.makeFolder({ sandbox: id, path: joinPath(path, name) }))
          }
        />
      </div>
      <Copying sandboxId={id} />
      {error && <ErrorNote error={error} />}
      {!error && listed && (
        <FileTable
          files={listed}
          onOpen={(name) => void list(joinPath(path, name))}
          onDownload={(name) => void toastError(download(name))}
          onDelete={(name) =>
            void act(operations.sandboxes.deleteFile({ sandbox: id, path: joinPath(path, name) }))
          }
        />
      )}
      {!error && !listed && running && <p className="loading soft">Loading…</p>}
    </section>
  );
}

function PathField({ path, onGo }: { path: string; onGo: (path: string) => void }) {
  const [text, setText] = useState(path);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onGo(text);
  };
  return (
    <form className="files-path" onSubmit={submit}>
      <input
        className="text-input mono"
        aria-label="Path"
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
    </form>
  );
}

/** Running uploads and downloads. */
function Copying({ sandboxId }: { sandboxId: string }) {
  const tasks = useTasks(({ items }) => items).filter(
    (task) =>
      task.sandboxId === sandboxId && task.endedAt === null && task.kind.startsWith('files.'),
  );
  return tasks.map((task) => <TaskProgress key={task.id} task={task} />);
}
