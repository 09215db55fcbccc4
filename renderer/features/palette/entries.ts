import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

/** Something that the palette finds and does. */
export interface PaletteEntry {
  id: string;
  icon: LucideIcon;
  /** As it is shown, and what it is found by. */
  text: string;
  /** It is found by these words too. */
  keywords?: string;
  /** It is found by the beginning of this too, which nobody types in part: an id. */
  pasted?: string;
  /** How it is shown, where that is not the text alone. */
  label?: ReactNode;
  /** The keys that do the same anywhere. */
  shortcut?: string;
  run: () => void;
}

export interface PaletteGroup {
  heading: string;
  entries: readonly PaletteEntry[];
}
