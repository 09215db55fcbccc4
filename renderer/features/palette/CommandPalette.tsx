import { Command, useCommandState } from 'cmdk';
import { Dialog } from 'radix-ui';
import { setPalette, useRoute } from '../../stores/route';
import { returnFocus } from '../../ui/returnFocus';
import { PaletteHits } from '../search/PaletteHits';
import { useActionEntries } from './actionEntries';
import type { PaletteEntry } from './entries';
import { bestFirst } from './rank';
import { useSandboxEntries } from './sandboxEntries';
import { useCompareEntries, useDuplicateEntries, useSnapshotEntries } from './snapshotEntries';
import './palette.css';

/** Command palette: finds snapshots, sandboxes, pages and actions by name. */
export function CommandPalette() {
  const open = useRoute(({ paletteOpen }) => paletteOpen);
  return (
    <Dialog.Root open={open} onOpenChange={setPalette}>
      <Dialog.Portal>
        <Dialog.Overlay className="dialog-overlay" />
        <Dialog.Content
          className="palette"
          aria-label="Commands"
          aria-describedby={undefined}
          onCloseAutoFocus={returnFocus}
        >
          <Dialog.Title className="visually-hidden">Commands</Dialog.Title>
          <Command label="Commands" shouldFilter={false} loop>
            <Command.Input placeholder="Search snapshots, sandboxes and actions" />
            <Command.List>
              <Command.Empty>No matches.</Command.Empty>
              <Entries />
              <PaletteHits />
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** Entries of all groups, the best match first. */
function Entries() {
  const search = useCommandState((state) => state.search);
  const groups = [
    useActionEntries(),
    useSnapshotEntries(),
    useSandboxEntries(),
    useCompareEntries(search),
    useDuplicateEntries(search),
  ];
  return bestFirst(groups, search).map(({ heading, entries }) => (
    <Command.Group key={heading} heading={heading}>
      {entries.map((entry) => (
        <Entry key={entry.id} entry={entry} />
      ))}
    </Command.Group>
  ));
}

function Entry({ entry: { id, icon: Icon, text, label, shortcut, run } }: { entry: PaletteEntry }) {
  const choose = () => {
    setPalette(false);
    run();
  };
  return (
    <Command.Item value={id} onSelect={choose}>
      <Icon size={14} aria-hidden />
      {label ?? <span className="palette-name">{text}</span>}
      {shortcut && <kbd>{shortcut}</kbd>}
    </Command.Item>
  );
}
