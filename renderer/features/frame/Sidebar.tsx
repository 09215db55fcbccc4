import {
  Activity,
  Box,
  HardDrive,
  Hourglass,
  KeyRound,
  Layers,
  PanelLeft,
  ScanSearch,
  Settings,
} from 'lucide-react';
import type { ComponentType } from 'react';
import { formatCount } from '#shared/format';
import { go, type PageName, useRoute } from '../../stores/route';
import { useSandboxes } from '../../stores/sandboxes';
import { useSnapshots } from '../../stores/snapshots';
import { useTasks } from '../../stores/tasks';
import { IconButton } from '../../ui/Button';
import { ApiStatusLine } from './ApiStatusLine';
import { EngineStatusLine } from './EngineStatusLine';
import { IndexingStatus } from './IndexingStatus';
import { useSidebar } from './sidebarStore';
import './frame.css';

/** Navigation sidebar with the state of Docker at the bottom. */
export function Sidebar() {
  const collapsed = useSidebar((state) => state.collapsed);
  const snapshots = useSnapshots(({ items }) => items.length);
  const running = useSandboxes(({ items }) => items.filter((s) => s.status === 'ready').length);
  const busy = useTasks(({ items }) => items.filter((task) => task.endedAt === null).length);
  return (
    <aside className={`sidebar ${collapsed ? 'collapsed' : ''}`}>
      <div className="sidebar-brand">
        <span className="sidebar-text">Sandglass</span>
        <IconButton
          label={collapsed ? 'Expand sidebar' : 'Collapse sidebar'}
          aria-expanded={!collapsed}
          onClick={() => useSidebar.setState({ collapsed: !collapsed })}
        >
          {collapsed ? <Hourglass size={16} /> : <PanelLeft size={16} />}
        </IconButton>
      </div>
      <nav aria-label="Main">
        <SidebarLink page="snapshots" label="Snapshots" icon={Layers} count={snapshots} />
        <SidebarLink page="search" label="Search inside" icon={ScanSearch} />
        <SidebarLink page="sandboxes" label="Sandboxes" icon={Box} count={running} />
        <SidebarLink
          page="activity"
          label="Activity"
          icon={Activity}
          count={busy}
          busy={busy > 0}
        />
        <SidebarLink page="disk" label="Disk" icon={HardDrive} />
        <SidebarLink page="registries" label="Registries" icon={KeyRound} />
        <SidebarLink page="settings" label="Settings" icon={Settings} />
      </nav>
      {!collapsed && <IndexingStatus />}
      {!collapsed && <ApiStatusLine />}
      <EngineStatusLine running={running} />
    </aside>
  );
}

interface SidebarLinkProps {
  page: PageName;
  label: string;
  icon: ComponentType<{ size: number; 'aria-hidden'?: boolean }>;
  count?: number;
  busy?: boolean;
}

function SidebarLink({ page, label, icon: Icon, count = 0, busy = false }: SidebarLinkProps) {
  const current = useRoute(({ route }) =>
    route.page === 'sandbox' ? page === 'sandboxes' : route.page === page,
  );
  return (
    <a
      href={`#${page}`}
      className="sidebar-link"
      aria-current={current ? 'page' : undefined}
      aria-label={label}
      title={label}
      onClick={(event) => {
        event.preventDefault();
        go({ page });
      }}
    >
      <Icon size={16} aria-hidden />
      <span className="sidebar-text">{label}</span>
      {count > 0 && (
        <span className={`sidebar-count ${busy ? 'busy' : ''}`}>{formatCount(count)}</span>
      )}
    </a>
  );
}
