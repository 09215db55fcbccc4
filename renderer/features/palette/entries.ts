import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

/** A searchable action of the palette. */
export interface PaletteEntry {
  id: string;
  icon: LucideIcon;
  /** Displayed and searched text. */
  text: string;
  /** Further searched words. */
  keywords?: string;
  /** Id that matches when a prefix of it is pasted. */
  pasteableId?: string;
  /** Rendered instead of `text` if given. */
  label?: ReactNode;
  /** Global keyboard shortcut of the same action. */
  shortcut?: string;
  run: () => void;
}

export interface PaletteGroup {
  heading: string;
  entries: readonly PaletteEntry[];
}
