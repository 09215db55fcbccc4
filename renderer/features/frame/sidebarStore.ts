import { create } from 'zustand';
import { persist } from 'zustand/middleware';

interface SidebarState {
  collapsed: boolean;
}

/** How the left rail is looked at; kept for the next start. */
export const useSidebar = create<SidebarState>()(
  persist((): SidebarState => ({ collapsed: false }), { name: 'rail' }),
);
