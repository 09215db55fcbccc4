/**
 * Everything that the window does not open with, as one script: in many small ones, each piece that two of them
 * share would be one more file to wait for.
 */

export { ActivityPage } from './features/activity/ActivityPage';
export { TaskLogDialog } from './features/activity/TaskLogDialog';
export { DiskPage } from './features/disk/DiskPage';
export { ReclaimDialog } from './features/disk/ReclaimDialog';
export { CommandPalette } from './features/palette/CommandPalette';
export { DeleteRegistryDialog } from './features/registries/DeleteRegistryDialog';
export { RegistriesPage } from './features/registries/RegistriesPage';
export { RegistryDialog } from './features/registries/RegistryDialog';
export { CaptureDialog } from './features/sandboxes/capture/CaptureDialog';
export { DeleteSandboxDialog } from './features/sandboxes/DeleteSandboxDialog';
export { NewSandboxDialog } from './features/sandboxes/NewSandboxDialog';
export { OpenPortDialog } from './features/sandboxes/OpenPortDialog';
export { SandboxesPage } from './features/sandboxes/SandboxesPage';
export { SandboxPage } from './features/sandboxes/SandboxPage';
export { SandboxSettingsDialog } from './features/sandboxes/SandboxSettingsDialog';
export { SearchPage } from './features/search/SearchPage';
export { RotateKeyDialog } from './features/settings/RotateKeyDialog';
export { SettingsPage } from './features/settings/SettingsPage';
export { CompareDialog } from './features/snapshots/changes/CompareDialog';
export { DeleteSnapshotsDialog } from './features/snapshots/DeleteSnapshotsDialog';
export { DuplicateSnapshotDialog } from './features/snapshots/DuplicateSnapshotDialog';
export { SnapshotDetail } from './features/snapshots/detail/SnapshotDetail';
export { NewSnapshotDialog } from './features/snapshots/NewSnapshotDialog';
