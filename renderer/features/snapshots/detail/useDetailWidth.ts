import { create } from 'zustand';

/** Panel widths in pixels, until the user resizes the panel. Trees and diffs need more space. */
const useWidths = create(() => ({ plain: 400, wide: 640 }));

/** Width of the panel for normal or wide tabs, with its setter. */
export function useDetailWidth(wide: boolean) {
  const key = wide ? 'wide' : 'plain';
  const width = useWidths((widths) => widths[key]);
  return { width, setWidth: (value: number) => useWidths.setState({ [key]: value }) };
}
