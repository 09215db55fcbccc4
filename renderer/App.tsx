import { useEffect } from 'react';
import { Toaster } from 'sonner';
import { ActivityPage } from './features/activity/ActivityPage';
import { Announcer } from './features/activity/Announcer';
import { TaskLogDialog } from './features/activity/TaskLogDialog';
import { DiskPage } from './features/disk/DiskPage';
import { ReclaimDialog } from './features/disk/ReclaimDialog';
import { EngineMissing } from './features/engine/EngineMissing';
import { StaleBanner } from './features/engine/StaleBanner';
import { Rail } from './features/frame/Rail';
import { TopBar } from './features/frame/TopBar';
import { useShortcuts } from './features/frame/useShortcuts';
import { useTheme } from './features/frame/useTheme';
import { CommandPalette } from './features/palette/CommandPalette';
import { DeleteRegistryDialog } from './features/registries/DeleteRegistryDialog';
import { RegistriesPage } from './features/registries/RegistriesPage';
import { RegistryDialog } from './features/registries/RegistryDialog';
import { CaptureDialog } from './features/sandboxes/capture/CaptureDialog';
import { DeleteSandboxDialog } from './features/sandboxes/DeleteSandboxDialog';
import { NewSandboxDialog } from './features/sandboxes/NewSandboxDialog';
import { OpenPortDialog } from './features/sandboxes/OpenPortDialog';
import { SandboxesPage } from './features/sandboxes/SandboxesPage';
import { SandboxPage } from './features/sandboxes/SandboxPage';
import { SandboxSettingsDialog } from './features/sandboxes/SandboxSettingsDialog';
import { SearchPage } from './features/search/SearchPage';
import { RotateKeyDialog } from './features/settings/RotateKeyDialog';
import { SettingsPage } from './features/settings/SettingsPage';
import { CompareDialog } from './features/snapshots/changes/CompareDialog';
import { DeleteSnapshotsDialog } from './features/snapshots/DeleteSnapshotsDialog';
import { DuplicateSnapshotDialog } from './features/snapshots/DuplicateSnapshotDialog';
import { NewSnapshotDialog } from './features/snapshots/NewSnapshotDialog';
import { SnapshotsPage } from './features/snapshots/SnapshotsPage';
import { useEngine } from './stores/engine';
import { follow, useRoute } from './stores/route';

export function App() {
  const theme = useTheme();
  const dialogNumber = useRoute((state) => state.dialogNumber);
  useShortcuts();
  useEffect(() => window.sandglass.onNavigate(follow), []);
  return (
    <div className="app">
      <Rail />
      <div className="app-main">
        <TopBar />
        <StaleBanner />
        <main tabIndex={-1}>
          <CurrentPage />
        </main>
      </div>
      <CurrentDialog key={dialogNumber} />
      <CommandPalette />
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
