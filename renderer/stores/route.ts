import { useState } from 'react';
import { create } from 'zustand';
import type { NavigationTarget } from '#shared/desktopApi';

export type PageName =
  | 'snapshots'
  | 'search'
  | 'sandboxes'
  | 'activity'
  | 'disk'
  | 'registries'
  | 'settings';

/** The page that the window shows. */
export type Route =
  | { page: PageName }
  /** `openTerminal`: open a terminal if the sandbox has none. */
  | { page: 'sandbox'; sandboxId: string; openTerminal: boolean };

/** The tabs of the detail panel beside the gallery. */
export type DetailTab = 'overview' | 'contents' | 'changes' | 'lineage' | 'used-by';

/** The open dialog: its kind and its props. `DialogRegistry` is declared by renderer/dialogs.tsx. */
export type DialogState = {
  [Kind in keyof DialogRegistry]: { kind: Kind } & DialogRegistry[Kind];
}[keyof DialogRegistry];

interface RouteState {
  route: Route;
  /** The dialog in front of the page, if any. */
  dialog: DialogState | null;
  /** Number of dialogs opened so far: the React key of the current one. */
  dialogNumber: number;
  paletteOpen: boolean;
  /** Snapshot shown in the detail panel. */
  selectedSnapshotId: string | null;
  detailTab: DetailTab;
  /** Snapshot that the Changes tab compares with; null for the default, the parent. */
  compareWithId: string | null;
  /** File or folder that the Contents tab opens next; null keeps its location. */
  contentsPath: string | null;
}

export const useRoute = create<RouteState>(() => ({
  route: { page: 'snapshots' },
  dialog: null,
  dialogNumber: 0,
  paletteOpen: false,
  selectedSnapshotId: null,
  detailTab: 'overview',
  compareWithId: null,
  contentsPath: null,
}));

export function go(route: Route): void {
  useRoute.setState({ route, paletteOpen: false });
}

export function openSandbox(sandboxId: string, openTerminal = false): void {
  go({ page: 'sandbox', sandboxId, openTerminal });
}

/** Opens a snapshot's details at the given tab, or at the last open one. */
export function selectSnapshot(selectedSnapshotId: string | null, tab?: DetailTab): void {
  useRoute.setState((state) => ({
    selectedSnapshotId,
    detailTab: tab ?? state.detailTab,
    compareWithId: selectedSnapshotId === state.selectedSnapshotId ? state.compareWithId : null,
    contentsPath: null,
  }));
}

/** Shows the changes from one snapshot to another. */
export function compareSnapshots(fromId: string, toId: string): void {
  selectSnapshot(toId, 'changes');
  useRoute.setState({ compareWithId: fromId });
}

/** Shows a file or folder of a snapshot in its Contents tab. */
export function openContents(snapshotId: string, path: string): void {
  selectSnapshot(snapshotId, 'contents');
  useRoute.setState({ contentsPath: path });
}

export function showDetailTab(detailTab: DetailTab): void {
  useRoute.setState({ detailTab });
}

export function openDialog(dialog: DialogState): void {
  useRoute.setState(({ dialogNumber }) => ({
    dialog,
    dialogNumber: dialogNumber + 1,
    paletteOpen: false,
  }));
}

/**
 * Returns a function that closes the calling dialog, unless the user has opened another one in the
 * meantime.
 */
export function useCloseDialog(): () => void {
  const [own] = useState(() => useRoute.getState().dialog);
  return () => useRoute.setState(({ dialog }) => ({ dialog: dialog === own ? null : dialog }));
}

export function setPalette(paletteOpen: boolean): void {
  useRoute.setState({ paletteOpen });
}

/** Navigates to the target of a tray item, menu item or notification. */
export function navigate(target: NavigationTarget): void {
  switch (target.page) {
    case 'sandbox':
      openSandbox(target.sandboxId, target.openTerminal);
      break;
    case 'capture':
      openSandbox(target.sandboxId);
      openDialog({ kind: 'capture', sandboxId: target.sandboxId });
      break;
    case 'new-sandbox':
      openDialog({ kind: 'new-sandbox', snapshotId: null });
      break;
    default:
      go(target);
  }
}
