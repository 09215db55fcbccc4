import { create } from 'zustand';
import { persist } from 'zustand/middleware';

interface RailState {
  collapsed: boolean;
}

/** How the left rail is looked at; kept for the next start. */
export const useRail = create<RailState>()(
  persist((): RailState => ({ collapsed: false }), { name: 'rail' }),
);
