import { useEffect, useState } from 'react';
import { Toaster } from 'sonner';
import { Announcer } from './features/activity/Announcer';
import { EngineMissing } from './features/engine/EngineMissing';
import { StaleBanner } from './features/engine/StaleBanner';
import { Sidebar } from './features/frame/Sidebar';
import { TopBar } from './features/frame/TopBar';
import { useShortcuts } from './features/frame/useShortcuts';
import { useTheme } from './features/frame/useTheme';
import { SnapshotsPage } from './features/snapshots/gallery/SnapshotsPage';
import {
  ActivityPage,
  CaptureDialog,
  CommandPalette,
  CompareDialog,
  DeleteRegistryDialog,
  DeleteSandboxDialog,
  DeleteSnapshotsDialog,
  DiskPage,
  DuplicateSnapshotDialog,
  NewSandboxDialog,
  NewSnapshotDialog,
  OpenPortDialog,
  ReclaimDialog,
  RegistriesPage,
  RegistryDialog,
  RotateKeyDialog,
  SandboxesPage,
  SandboxPage,
  SandboxSettingsDialog,
  SearchPage,
  SettingsPage,
  TaskLogDialog,
} from './lazyViews';
import { useEngine } from './stores/engine';
import { follow, useRoute } from './stores/route';
import { preloadLazyViews } from './ui/lazyView';

export function App() {
  const theme = useTheme();
  const dialogNumber = useRoute((state) => state.dialogNumber);
  useShortcuts();
  useEffect(() => window.sandglass.onNavigate(follow), []);
  useEffect(preloadLazyViews, []);
  return (
    <div className="app">
      <Sidebar />
      <div className="app-main">
        <TopBar />
        <StaleBanner />
        <main tabIndex={-1}>
          <CurrentPage />
        </main>
      </div>
      <CurrentDialog key={dialogNumber} />
      <CurrentPalette />
      <Announcer />
      <Toaster theme={theme} position="bottom-right" closeButton />
    </div>
  );
}

function CurrentPage() {
  const route = useRoute((state) => state.route);
  const { status, wasReady } = useEngine();
  if (route.page === 'settings') return <SettingsPage />;
  if (route.page === 'registries') return <RegistriesPage />;
  // What was read is on this computer.
  if (route.page === 'search') return <SearchPage />;
  // Lists that were never loaded from Docker would only look empty.
  if (status && status.state !== 'ready' && !wasReady) return <EngineMissing status={status} />;
  switch (route.page) {
    case 'snapshots':
      return <SnapshotsPage />;
    case 'sandboxes':
      return <SandboxesPage />;
    case 'activity':
      return <ActivityPage />;
    case 'disk':
      return <DiskPage />;
    case 'sandbox':
      return <SandboxPage key={route.sandboxId} {...route} />;
  }
}

/** Once it was opened it stays: it gives the focus back where it came from. */
function CurrentPalette() {
  const open = useRoute(({ paletteOpen }) => paletteOpen);
  const [wasOpen, setWasOpen] = useState(open);
  if (open && !wasOpen) setWasOpen(true);
  return (open || wasOpen) && <CommandPalette />;
}

function CurrentDialog() {
  const dialog = useRoute((state) => state.dialog);
  switch (dialog?.kind) {
    case 'new-snapshot':
      return <NewSnapshotDialog />;
    case 'new-sandbox':
      return <NewSandboxDialog snapshotId={dialog.snapshotId} />;
    case 'compare':
      return <CompareDialog snapshotId={dialog.snapshotId} />;
    case 'capture':
      return <CaptureDialog sandboxId={dialog.sandboxId} />;
    case 'sandbox-settings':
      return <SandboxSettingsDialog sandboxId={dialog.sandboxId} />;
    case 'open-port':
      return <OpenPortDialog sandboxId={dialog.sandboxId} />;
    case 'delete-sandbox':
      return <DeleteSandboxDialog sandboxId={dialog.sandboxId} />;
    case 'task-log':
      return <TaskLogDialog taskId={dialog.taskId} />;
    case 'reclaim':
      return <ReclaimDialog />;
    case 'rotate-api-key':
      return <RotateKeyDialog />;
    case 'registry':
      return <RegistryDialog registryId={dialog.registryId} />;
    case 'delete-registry':
      return <DeleteRegistryDialog registryId={dialog.registryId} />;
    case 'duplicate-snapshot':
      return <DuplicateSnapshotDialog snapshotId={dialog.snapshotId} />;
    case 'delete-snapshots':
      return <DeleteSnapshotsDialog snapshotIds={dialog.snapshotIds} />;
    case undefined:
      return null;
  }
}
