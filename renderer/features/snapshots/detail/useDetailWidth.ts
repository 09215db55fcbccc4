import { create } from 'zustand';

/** Pixels. A tree or a diff needs more than facts do; the user's own widths replace these. */
const useWidths = create(() => ({ plain: 400, wide: 640 }));

/** How wide the panel is for such a tab, and how to change that. */
export function useDetailWidth(wide: boolean) {
  const key = wide ? 'wide' : 'plain';
  const width = useWidths((widths) => widths[key]);
  return { width, setWidth: (wanted: number) => useWidths.setState({ [key]: wanted }) };
}
