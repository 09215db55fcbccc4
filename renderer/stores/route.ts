import { create } from 'zustand';

export type PageName = 'snapshots' | 'sandboxes' | 'activity' | 'settings';

/** Where the window is. */
export type Route =
  | { page: PageName }
  /** `openTerminal` opens a first terminal when the sandbox has none. */
  | { page: 'sandbox'; sandboxId: string; openTerminal: boolean };

/** The dialog in front of the page, if any. */
export type DialogState =
  | { kind: 'new-snapshot' }
  | { kind: 'new-sandbox'; snapshotId: string | null }
  | { kind: 'capture'; sandboxId: string }
  | { kind: 'sandbox-settings'; sandboxId: string }
  | { kind: 'delete-sandbox'; sandboxId: string }
  | { kind: 'delete-snapshot'; snapshotId: string };

interface RouteState {
  route: Route;
  dialog: DialogState | null;
  paletteOpen: boolean;
  /** The snapshot whose details are open beside the gallery. */
  selectedSnapshotId: string | null;
}

export const useRoute = create<RouteState>(() => ({
  route: { page: 'snapshots' },
  dialog: null,
  paletteOpen: false,
  selectedSnapshotId: null,
}));

export function go(route: Route): void {
  useRoute.setState({ route, paletteOpen: false });
}

export function openSandbox(sandboxId: string, openTerminal = false): void {
  go({ page: 'sandbox', sandboxId, openTerminal });
}

export function selectSnapshot(selectedSnapshotId: string | null): void {
  useRoute.setState({ selectedSnapshotId });
}

export function openDialog(dialog: DialogState): void {
  useRoute.setState({ dialog, paletteOpen: false });
}

export function closeDialog(): void {
  useRoute.setState({ dialog: null });
}

export function setPalette(paletteOpen: boolean): void {
  useRoute.setState({ paletteOpen });
}
