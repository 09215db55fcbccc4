/**
 * Views that are not needed for the first paint, bundled as one script: with a script per view, every
 * module shared by two of them would become a further file to load.
 */

export { CurrentDialog } from './dialogs';
export { ActivityPage } from './features/activity/ActivityPage';
export { DiskPage } from './features/disk/DiskPage';
export { CommandPalette } from './features/palette/CommandPalette';
export { RegistriesPage } from './features/registries/RegistriesPage';
export { SandboxesPage } from './features/sandboxes/SandboxesPage';
export { SandboxPage } from './features/sandboxes/SandboxPage';
export { SearchPage } from './features/search/SearchPage';
export { SettingsPage } from './features/settings/SettingsPage';
export { SnapshotDetail } from './features/snapshots/detail/SnapshotDetail';
