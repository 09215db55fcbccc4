import { lazyView } from './ui/lazyView';

/** The views of `deferredBundle.ts`, loaded after the first paint. */

const bundle = () => import('./deferredBundle');

export const ActivityPage = lazyView(async () => (await bundle()).ActivityPage);
export const CommandPalette = lazyView(async () => (await bundle()).CommandPalette, 'dialog');
export const CurrentDialog = lazyView(async () => (await bundle()).CurrentDialog, 'dialog');
export const DiskPage = lazyView(async () => (await bundle()).DiskPage);
export const RegistriesPage = lazyView(async () => (await bundle()).RegistriesPage);
export const SandboxPage = lazyView(async () => (await bundle()).SandboxPage);
export const SandboxesPage = lazyView(async () => (await bundle()).SandboxesPage);
export const SearchPage = lazyView(async () => (await bundle()).SearchPage);
export const SettingsPage = lazyView(async () => (await bundle()).SettingsPage);
export const SnapshotDetail = lazyView(async () => (await bundle()).SnapshotDetail);
