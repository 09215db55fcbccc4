import { Box, Camera, Play, Square, SquareTerminal } from 'lucide-react';
import type { Sandbox } from '#shared/contract/sandboxes';
import { operations } from '../../api/operations';
import { openDialog, openSandbox } from '../../stores/route';
import { useSandboxes } from '../../stores/sandboxes';
import { toastError } from '../../ui/toastError';
import { sandboxStateText } from '../common/describeSandbox';
import type { PaletteEntry, PaletteGroup } from './entries';

function openEntry(sandbox: Sandbox): PaletteEntry {
  const { id, name } = sandbox;
  return {
    ...{ id: `open ${id}`, icon: Box, text: name, keywords: 'open sandbox' },
    label: (
      <>
        <span className="palette-name">{name}</span>
        <span className="soft palette-state">{sandboxStateText(sandbox)}</span>
      </>
    ),
    run: () => openSandbox(id),
  };
}

function actions({ id, name, status, activity }: Sandbox): PaletteEntry[] {
  if (activity) return [];
  if (status === 'stopped') {
    return [
      {
        ...{ id: `start ${id}`, icon: Play, text: `Start ${name}` },
        run: () => void toastError(operations.sandboxes.start({ sandbox: id })),
      },
    ];
  }
  if (status !== 'ready') return [];
  return [
    {
      ...{ id: `terminal ${id}`, icon: SquareTerminal, text: `Terminal in ${name}` },
      run: () => openSandbox(id, true),
    },
    {
      ...{ id: `capture ${id}`, icon: Camera, text: `Capture ${name}` },
      run: () => openDialog({ kind: 'capture', sandboxId: id }),
    },
    {
      ...{ id: `stop ${id}`, icon: Square, text: `Stop ${name}` },
      run: () => void toastError(operations.sandboxes.stop({ sandbox: id })),
    },
  ];
}

/** Entries that open each sandbox, followed by the actions that its state allows. */
export function useSandboxEntries(): PaletteGroup {
  const sandboxes = useSandboxes(({ items }) => items);
  return {
    heading: 'Sandboxes',
    entries: [...sandboxes.map(openEntry), ...sandboxes.flatMap(actions)],
  };
}
