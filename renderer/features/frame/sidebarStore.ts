import { create } from 'zustand';
import { persist } from 'zustand/middleware';

interface SidebarState {
  collapsed: boolean;
}

/** State of the sidebar, persisted under the key of its former name. */
export const useSidebar = create<SidebarState>()(
  persist((): SidebarState => ({ collapsed: false }), { name: 'rail' }),
);
