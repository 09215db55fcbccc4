import type { ComponentType } from 'react';
import { TaskLogDialog } from './features/activity/TaskLogDialog';
import { ReclaimDialog } from './features/disk/ReclaimDialog';
import { DeleteRegistryDialog } from './features/registries/DeleteRegistryDialog';
import { RegistryDialog } from './features/registries/RegistryDialog';
import { CaptureDialog } from './features/sandboxes/capture/CaptureDialog';
import { DeleteSandboxDialog } from './features/sandboxes/DeleteSandboxDialog';
import { NewSandboxDialog } from './features/sandboxes/NewSandboxDialog';
import { OpenPortDialog } from './features/sandboxes/OpenPortDialog';
import { SandboxSettingsDialog } from './features/sandboxes/SandboxSettingsDialog';
import { RotateKeyDialog } from './features/settings/RotateKeyDialog';
import { CompareDialog } from './features/snapshots/changes/CompareDialog';
import { DeleteSnapshotsDialog } from './features/snapshots/DeleteSnapshotsDialog';
import { DuplicateSnapshotDialog } from './features/snapshots/DuplicateSnapshotDialog';
import { NewSnapshotDialog } from './features/snapshots/NewSnapshotDialog';
import { useRoute } from './stores/route';

/** Every dialog by the kind that `openDialog` takes: the only list of dialogs. */
const dialogs = {
  'new-snapshot': NewSnapshotDialog,
  'duplicate-snapshot': DuplicateSnapshotDialog,
  'delete-snapshots': DeleteSnapshotsDialog,
  compare: CompareDialog,
  'new-sandbox': NewSandboxDialog,
  'sandbox-settings': SandboxSettingsDialog,
  'open-port': OpenPortDialog,
  'delete-sandbox': DeleteSandboxDialog,
  capture: CaptureDialog,
  registry: RegistryDialog,
  'delete-registry': DeleteRegistryDialog,
  reclaim: ReclaimDialog,
  'task-log': TaskLogDialog,
  'rotate-api-key': RotateKeyDialog,
};

type PropsOf<Component> = Component extends (props: infer Props) => unknown ? Props : never;

type PropsByKind = { [Kind in keyof typeof dialogs]: PropsOf<(typeof dialogs)[Kind]> };

declare global {
  /** Props of each dialog by its kind. Global, so that the stores need no import from the features. */
  interface DialogRegistry extends PropsByKind {}
}

/** Renders the open dialog, if any. Each opening mounts a new instance. */
export function CurrentDialog() {
  const dialog = useRoute((state) => state.dialog);
  const dialogNumber = useRoute((state) => state.dialogNumber);
  if (!dialog) return null;
  const { kind, ...props } = dialog;
  // DialogState pairs each kind with the props of its component.
  const Dialog = dialogs[kind] as ComponentType<typeof props>;
  return <Dialog key={dialogNumber} {...props} />;
}
