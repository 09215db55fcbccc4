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
import { ApiLine } from './ApiStatusLine';
import { EngineLine } from './EngineStatusLine';
import { ReadingLine } from './IndexingStatus';
import { useRail } from './sidebarStore';
import './frame.css';

/** The left rail: where one is, where one can go, and how Docker does. */
export function Rail() {
  const collapsed = useRail((state) => state.collapsed);
  const snapshots = useSnapshots(({ items }) => items.length);
  const running = useSandboxes(({ items }) => items.filter((s) => s.status === 'ready').length);
  const busy = useTasks(({ items }) => items.filter((task) => task.endedAt === null).length);
  return (
    <aside className={`rail ${collapsed ? 'collapsed' : ''}`}>
      <div className="rail-brand">
        <span className="rail-text">Sandglass</span>
        <IconButton
          label={collapsed ? 'Widen the sidebar' : 'Narrow the sidebar'}
          aria-expanded={!collapsed}
          onClick={() => useRail.setState({ collapsed: !collapsed })}
        >
          {collapsed ? <Hourglass size={16} /> : <PanelLeft size={16} />}
        </IconButton>
      </div>
      <nav aria-label="Main">
        <RailLink page="snapshots" label="Snapshots" icon={Layers} count={snapshots} />
        <RailLink page="search" label="Search inside" icon={ScanSearch} />
        <RailLink page="sandboxes" label="Sandboxes" icon={Box} count={running} />
        <RailLink page="activity" label="Activity" icon={Activity} count={busy} busy={busy > 0} />
        <RailLink page="disk" label="Disk" icon={HardDrive} />
        <RailLink page="registries" label="Registries" icon={KeyRound} />
        <RailLink page="settings" label="Settings" icon={Settings} />
      </nav>
      {!collapsed && <ReadingLine />}
      {!collapsed && <ApiLine />}
      <EngineLine running={running} />
    </aside>
  );
}

interface RailLinkProps {
  page: PageName;
  label: string;
  icon: ComponentType<{ size: number; 'aria-hidden'?: boolean }>;
  count?: number;
  busy?: boolean;
}

function RailLink({ page, label, icon: Icon, count = 0, busy = false }: RailLinkProps) {
  const current = useRoute(({ route }) =>
    route.page === 'sandbox' ? page === 'sandboxes' : route.page === page,
  );
  return (
    <a
      href={`#${page}`}
      className="rail-link"
      aria-current={current ? 'page' : undefined}
      aria-label={label}
      title={label}
      onClick={(event) => {
        event.preventDefault();
        go({ page });
      }}
    >
      <Icon size={16} aria-hidden />
      <span className="rail-text">{label}</span>
      {count > 0 && (
        <span className={`rail-count ${busy ? 'busy' : ''}`}>{formatCount(count)}</span>
      )}
    </a>
  );
}
