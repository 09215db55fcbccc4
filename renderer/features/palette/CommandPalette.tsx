import { Command, useCommandState } from 'cmdk';
import {
  Activity,
  Box,
  Cable,
  Camera,
  GitCompareArrows,
  HardDrive,
  KeyRound,
  Layers,
  Play,
  Plus,
  Power,
  ScanSearch,
  Settings,
  Square,
  SquareTerminal,
} from 'lucide-react';
import { toast } from 'sonner';
import { operations } from '../../api/operations';
import { fetchApiKey, useLocalApi } from '../../stores/localApi';
import {
  go,
  openDialog,
  openSandbox,
  selectSnapshot,
  setPalette,
  useRoute,
} from '../../stores/route';
import { useSandboxes } from '../../stores/sandboxes';
import { useSettings } from '../../stores/settings';
import { useSnapshots } from '../../stores/snapshots';
import { toastError } from '../../ui/toastError';
import { InsideItems } from '../search/InsideItems';
import { searchInside } from '../search/searchStore';
import { SnapshotTitle } from '../snapshots/SnapshotTitle';
import { useSnapshotTitles } from '../snapshots/useSnapshotTitles';
import { rank } from './rank';
import { useFoundSnapshots } from './useFoundSnapshots';
import './palette.css';

/** Finds every snapshot, sandbox, page and action by typing. */
export function CommandPalette() {
  const open = useRoute(({ paletteOpen }) => paletteOpen);
  return (
    <Command.Dialog
      open={open}
      onOpenChange={setPalette}
      label="Commands"
      filter={rank}
      overlayClassName="dialog-overlay"
      contentClassName="palette"
      loop
    >
      <Command.Input placeholder="Search snapshots, sandboxes and actions" />
      <Command.List>
        <Command.Empty>Nothing has that name.</Command.Empty>
        <ActionItems />
        <SnapshotItems />
        <SandboxItems />
        <CompareItems />
        <InsideItems />
      </Command.List>
    </Command.Dialog>
  );
}

function close(action: () => void): () => void {
  return () => {
    setPalette(false);
    action();
  };
}

function ActionItems() {
  return (
    <Command.Group heading="Actions">
      <Command.Item onSelect={() => openDialog({ kind: 'new-snapshot' })}>
        <Plus size={14} /> New snapshot
      </Command.Item>
      <Command.Item onSelect={() => openDialog({ kind: 'new-sandbox', snapshotId: null })}>
        <Plus size={14} /> New sandbox
      </Command.Item>
      <Command.Item onSelect={() => go({ page: 'snapshots' })}>
        <Layers size={14} /> Go to Snapshots
      </Command.Item>
      <Command.Item
        onSelect={() => searchInside()}
        keywords={['find', 'package', 'file', 'path', 'contents']}
      >
        <ScanSearch size={14} /> Search inside snapshots
      </Command.Item>
      <Command.Item onSelect={() => go({ page: 'sandboxes' })}>
        <Box size={14} /> Go to Sandboxes
      </Command.Item>
      <Command.Item onSelect={() => go({ page: 'activity' })}>
        <Activity size={14} /> Go to Activity
      </Command.Item>
      <Command.Item
        onSelect={() => go({ page: 'disk' })}
        keywords={['space', 'size', 'storage', 'bytes']}
      >
        <HardDrive size={14} /> Go to Disk
      </Command.Item>
      <Command.Item
        onSelect={() => openDialog({ kind: 'reclaim' })}
        keywords={['free', 'clean', 'prune', 'delete', 'space']}
      >
        <HardDrive size={14} /> Reclaim disk space…
      </Command.Item>
      <Command.Item
        onSelect={() => go({ page: 'registries' })}
        keywords={['login', 'password', 'private']}
      >
        <KeyRound size={14} /> Go to Registries
      </Command.Item>
      <Command.Item onSelect={() => go({ page: 'settings' })} keywords={['theme', 'dark', 'light']}>
        <Settings size={14} /> Go to Settings
      </Command.Item>
      <ApiItems />
    </Command.Group>
  );
}

/** Copies a text, and says so. */
function copy(said: string, text: () => Promise<string>): () => void {
  return close(() => {
    const copying = text()
      .then((copied) => navigator.clipboard.writeText(copied))
      .then(() => toast.success(said));
    void toastError(copying);
  });
}

function ApiItems() {
  const address = useLocalApi(({ status }) => status?.address ?? null);
  const apiEnabled = useSettings((settings) => settings.apiEnabled);
  return (
    <>
      {address && (
        <>
          <Command.Item
            onSelect={copy('The address is copied.', async () => address)}
            keywords={['endpoint', 'langsmith', 'url']}
          >
            <Cable size={14} /> Copy the API address
          </Command.Item>
          <Command.Item
            onSelect={copy('The key is copied.', fetchApiKey)}
            keywords={['token', 'langsmith']}
          >
            <KeyRound size={14} /> Copy the API key
          </Command.Item>
        </>
      )}
      <Command.Item
        onSelect={close(
          () => void toastError(operations.settings.update({ apiEnabled: !apiEnabled })),
        )}
        keywords={['server', 'langsmith']}
      >
        <Power size={14} /> Switch the local API {apiEnabled ? 'off' : 'on'}
      </Command.Item>
    </>
  );
}

function SandboxItems() {
  const sandboxes = useSandboxes(({ items }) => items);
  if (sandboxes.length === 0) return null;
  return (
    <Command.Group heading="Sandboxes">
      {sandboxes.map(({ id, name, status }) => (
        <Command.Item key={id} value={`open ${name}`} onSelect={close(() => openSandbox(id))}>
          <Box size={14} /> {name} <span className="soft">{status}</span>
        </Command.Item>
      ))}
      {sandboxes
        .filter(({ status, activity }) => status === 'ready' && !activity)
        .flatMap(({ id, name }) => [
          <Command.Item
            key={`terminal ${id}`}
            value={`terminal in ${name}`}
            onSelect={close(() => openSandbox(id, true))}
          >
            <SquareTerminal size={14} /> Terminal in {name}
          </Command.Item>,
          <Command.Item
            key={`capture ${id}`}
            value={`capture ${name}`}
            onSelect={() => openDialog({ kind: 'capture', sandboxId: id })}
          >
            <Camera size={14} /> Capture {name}
          </Command.Item>,
          <Command.Item
            key={`stop ${id}`}
            value={`stop ${name}`}
            onSelect={close(() => void toastError(operations.sandboxes.stop({ sandbox: id })))}
          >
            <Square size={14} /> Stop {name}
          </Command.Item>,
        ])}
      {sandboxes
        .filter(({ status, activity }) => status === 'stopped' && !activity)
        .map(({ id, name }) => (
          <Command.Item
            key={`start ${id}`}
            value={`start ${name}`}
            onSelect={close(() => void toastError(operations.sandboxes.start({ sandbox: id })))}
          >
            <Play size={14} /> Start {name}
          </Command.Item>
        ))}
    </Command.Group>
  );
}

function SnapshotItems() {
  const snapshots = useFoundSnapshots('snapshot');
  const titleOf = useSnapshotTitles();
  if (snapshots.length === 0) return null;
  return (
    <Command.Group heading="Snapshots">
      {snapshots.map(({ snapshot, value }) => (
        <Command.Item
          key={snapshot.id}
          value={value}
          onSelect={() => {
            go({ page: 'snapshots' });
            selectSnapshot(snapshot.id);
          }}
        >
          <Layers size={14} /> <SnapshotTitle title={titleOf(snapshot)} />
        </Command.Item>
      ))}
    </Command.Group>
  );
}

/** One for each snapshot: they come when they are meant. */
function CompareItems() {
  const isMeant = useCommandState(({ search }) => /^\s*co(m|$)/i.test(search));
  const snapshots = useFoundSnapshots('compare');
  const titleOf = useSnapshotTitles();
  const count = useSnapshots(({ items }) => items.length);
  if (!isMeant || count < 2) return null;
  return (
    <Command.Group heading="Compare">
      {snapshots
        .filter(({ snapshot: { status } }) => status === 'ready')
        .map(({ snapshot, value }) => (
          <Command.Item
            key={snapshot.id}
            value={value}
            onSelect={() => openDialog({ kind: 'compare', snapshotId: snapshot.id })}
          >
            <GitCompareArrows size={14} /> Compare {titleOf(snapshot)} with…
          </Command.Item>
        ))}
    </Command.Group>
  );
}
