import {
  Activity,
  Box,
  Cable,
  HardDrive,
  KeyRound,
  Layers,
  Plus,
  Power,
  ScanSearch,
  Settings,
} from 'lucide-react';
import { toast } from 'sonner';
import { operations } from '../../api/operations';
import { fetchApiKey, useLocalApi } from '../../stores/localApi';
import { go, openDialog } from '../../stores/route';
import { searchInside } from '../../stores/search';
import { useSettings } from '../../stores/settings';
import { toastError } from '../../ui/toastError';
import type { PaletteEntry, PaletteGroup } from './entries';

const isMac = window.sandglass.platform === 'darwin';

const always: readonly PaletteEntry[] = [
  {
    ...{ id: 'new-snapshot', icon: Plus, text: 'New snapshot' },
    keywords: 'build import dockerfile image file',
    run: () => openDialog({ kind: 'new-snapshot' }),
  },
  {
    ...{ id: 'new-sandbox', icon: Plus, text: 'New sandbox', keywords: 'boot' },
    run: () => openDialog({ kind: 'new-sandbox', snapshotId: null }),
  },
  {
    ...{ id: 'snapshots', icon: Layers, text: 'Go to Snapshots', keywords: 'gallery' },
    run: () => go({ page: 'snapshots' }),
  },
  {
    ...{ id: 'search', icon: ScanSearch, text: 'Search inside snapshots' },
    keywords: 'find package file path contents',
    shortcut: isMac ? '⌘⇧F' : 'Ctrl Shift F',
    run: () => searchInside(),
  },
  {
    ...{ id: 'sandboxes', icon: Box, text: 'Go to Sandboxes' },
    run: () => go({ page: 'sandboxes' }),
  },
  {
    ...{ id: 'activity', icon: Activity, text: 'Go to Activity', keywords: 'tasks history log' },
    run: () => go({ page: 'activity' }),
  },
  {
    ...{ id: 'disk', icon: HardDrive, text: 'Go to Disk', keywords: 'space size storage bytes' },
    run: () => go({ page: 'disk' }),
  },
  {
    ...{ id: 'reclaim', icon: HardDrive, text: 'Reclaim disk space…' },
    keywords: 'free clean prune delete',
    run: () => openDialog({ kind: 'reclaim' }),
  },
  {
    ...{ id: 'registries', icon: KeyRound, text: 'Go to Registries' },
    keywords: 'login password private',
    run: () => go({ page: 'registries' }),
  },
  {
    ...{ id: 'settings', icon: Settings, text: 'Go to Settings', keywords: 'theme dark light' },
    run: () => go({ page: 'settings' }),
  },
];

/** Copies text and confirms it with a toast. */
function copy(message: string, text: () => Promise<string>): void {
  const copying = text()
    .then((copied) => navigator.clipboard.writeText(copied))
    .then(() => toast.success(message));
  void toastError(copying);
}

function apiEntries(address: string | null, enabled: boolean): PaletteEntry[] {
  const copies: PaletteEntry[] =
    address === null
      ? []
      : [
          {
            ...{ id: 'api-address', icon: Cable, text: 'Copy the API address' },
            keywords: 'endpoint langsmith url',
            run: () => copy('Address copied.', async () => address),
          },
          {
            ...{ id: 'api-key', icon: KeyRound, text: 'Copy the API key' },
            keywords: 'token langsmith',
            run: () => copy('Key copied.', fetchApiKey),
          },
        ];
  return [
    ...copies,
    {
      ...{ id: 'api', icon: Power, text: `Turn the local API ${enabled ? 'off' : 'on'}` },
      keywords: 'server langsmith',
      run: () => void toastError(operations.settings.update({ apiEnabled: !enabled })),
    },
  ];
}

/** Entries for the pages and for actions without an object. */
export function useActionEntries(): PaletteGroup {
  const address = useLocalApi(({ status }) => status?.address ?? null);
  const apiEnabled = useSettings((settings) => settings.apiEnabled);
  return { heading: 'Actions', entries: [...always, ...apiEntries(address, apiEnabled)] };
}
