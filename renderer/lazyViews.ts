import { lazyView } from './ui/lazyView';

/** The pages and dialogs that the window does not open with. */

const later = () => import('./deferredBundle');

export const ActivityPage = lazyView(async () => (await later()).ActivityPage);
export const CaptureDialog = lazyView(async () => (await later()).CaptureDialog, 'dialog');
export const CommandPalette = lazyView(async () => (await later()).CommandPalette, 'dialog');
export const CompareDialog = lazyView(async () => (await later()).CompareDialog, 'dialog');
export const DeleteRegistryDialog = lazyView(
  async () => (await later()).DeleteRegistryDialog,
  'dialog',
);
export const DeleteSandboxDialog = lazyView(
  async () => (await later()).DeleteSandboxDialog,
  'dialog',
);
export const DeleteSnapshotsDialog = lazyView(
  async () => (await later()).DeleteSnapshotsDialog,
  'dialog',
);
export const DiskPage = lazyView(async () => (await later()).DiskPage);
export const DuplicateSnapshotDialog = lazyView(
  async () => (await later()).DuplicateSnapshotDialog,
  'dialog',
);
export const NewSandboxDialog = lazyView(async () => (await later()).NewSandboxDialog, 'dialog');
export const NewSnapshotDialog = lazyView(async () => (await later()).NewSnapshotDialog, 'dialog');
export const OpenPortDialog = lazyView(async () => (await later()).OpenPortDialog, 'dialog');
export const ReclaimDialog = lazyView(async () => (await later()).ReclaimDialog, 'dialog');
export const RegistriesPage = lazyView(async () => (await later()).RegistriesPage);
export const RegistryDialog = lazyView(async () => (await later()).RegistryDialog, 'dialog');
export const RotateKeyDialog = lazyView(async () => (await later()).RotateKeyDialog, 'dialog');
export const SandboxPage = lazyView(async () => (await later()).SandboxPage);
export const SandboxSettingsDialog = lazyView(
  async () => (await later()).SandboxSettingsDialog,
  'dialog',
);
export const SandboxesPage = lazyView(async () => (await later()).SandboxesPage);
export const SearchPage = lazyView(async () => (await later()).SearchPage);
export const SettingsPage = lazyView(async () => (await later()).SettingsPage);
export const SnapshotDetail = lazyView(async () => (await later()).SnapshotDetail);
export const TaskLogDialog = lazyView(async () => (await later()).TaskLogDialog, 'dialog');
