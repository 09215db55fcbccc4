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
  CommandPalette,
  CurrentDialog,
  DiskPage,
  RegistriesPage,
  SandboxesPage,
  SandboxPage,
  SearchPage,
  SettingsPage,
  SnapshotDetail,
} from './lazyViews';
import { useEngine } from './stores/engine';
import { navigate, useRoute } from './stores/route';
import { preloadLazyViews } from './ui/lazyView';

export function App() {
  const theme = useTheme();
  const hasDialog = useRoute(({ dialog }) => dialog !== null);
  useShortcuts();
  useEffect(() => window.sandglass.onNavigate(navigate), []);
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
      {hasDialog && <CurrentDialog />}
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
  // The index is local: searching needs no Docker.
  if (route.page === 'search') return <SearchPage />;
  // Lists that were never loaded would look empty.
  if (status && status.state !== 'ready' && !wasReady) return <EngineMissing status={status} />;
  switch (route.page) {
    case 'snapshots':
      return <SnapshotsPage Detail={SnapshotDetail} />;
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

/** Stays mounted once opened, so that closing it can restore the focus. */
function CurrentPalette() {
  const open = useRoute(({ paletteOpen }) => paletteOpen);
  const [wasOpen, setWasOpen] = useState(open);
  if (open && !wasOpen) setWasOpen(true);
  return (open || wasOpen) && <CommandPalette />;
}
