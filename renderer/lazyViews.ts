import { onDemand } from './ui/lazyView';

/** The pages and dialogs that the window does not open with. */

const later = () => import('./deferredBundle');

export const ActivityPage = onDemand(async () => (await later()).ActivityPage);
export const CaptureDialog = onDemand(async () => (await later()).CaptureDialog, 'dialog');
export const CommandPalette = onDemand(async () => (await later()).CommandPalette, 'dialog');
export const CompareDialog = onDemand(async () => (await later()).CompareDialog, 'dialog');
export const DeleteRegistryDialog = onDemand(
  async () => (await later()).DeleteRegistryDialog,
  'dialog',
);
export const DeleteSandboxDialog = onDemand(
  async () => (await later()).DeleteSandboxDialog,
  'dialog',
);
export const DeleteSnapshotsDialog = onDemand(
  async () => (await later()).DeleteSnapshotsDialog,
  'dialog',
);
export const DiskPage = onDemand(async () => (await later()).DiskPage);
export const DuplicateSnapshotDialog = onDemand(
  async () => (await later()).DuplicateSnapshotDialog,
  'dialog',
);
export const NewSandboxDialog = onDemand(async () => (await later()).NewSandboxDialog, 'dialog');
export const NewSnapshotDialog = onDemand(async () => (await later()).NewSnapshotDialog, 'dialog');
export const OpenPortDialog = onDemand(async () => (await later()).OpenPortDialog, 'dialog');
export const ReclaimDialog = onDemand(async () => (await later()).ReclaimDialog, 'dialog');
export const RegistriesPage = onDemand(async () => (await later()).RegistriesPage);
export const RegistryDialog = onDemand(async () => (await later()).RegistryDialog, 'dialog');
export const RotateKeyDialog = onDemand(async () => (await later()).RotateKeyDialog, 'dialog');
export const SandboxPage = onDemand(async () => (await later()).SandboxPage);
export const SandboxSettingsDialog = onDemand(
  async () => (await later()).SandboxSettingsDialog,
  'dialog',
);
export const SandboxesPage = onDemand(async () => (await later()).SandboxesPage);
export const SearchPage = onDemand(async () => (await later()).SearchPage);
export const SettingsPage = onDemand(async () => (await later()).SettingsPage);
export const SnapshotDetail = onDemand(async () => (await later()).SnapshotDetail);
export const TaskLogDialog = onDemand(async () => (await later()).TaskLogDialog, 'dialog');
