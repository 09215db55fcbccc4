import type { ComponentType } from 'react';
import type { Snapshot } from '#shared/contract/snapshots';
import type { DetailTab } from '../../../stores/route';
import { ChangesTab } from './ChangesTab';
import { ContentsTab } from './ContentsTab';
import { LineageTab } from './LineageTab';
import { OverviewTab } from './OverviewTab';
import { UsedByTab } from './UsedByTab';

export interface DetailTabEntry {
  id: DetailTab;
  label: string;
  Tab: ComponentType<{ snapshot: Snapshot }>;
  /** Count shown after the label unless it is 0. */
  count?: (snapshot: Snapshot) => number;
  /** Whether the panel is wider while the tab is open. */
  wide?: boolean;
}

/** The tabs of the detail panel, in order. */
export const detailTabs: DetailTabEntry[] = [
  { id: 'overview', label: 'Overview', Tab: OverviewTab },
  { id: 'contents', label: 'Contents', Tab: ContentsTab, wide: true },
  { id: 'changes', label: 'Changes', Tab: ChangesTab, wide: true },
  { id: 'lineage', label: 'Lineage', Tab: LineageTab, wide: true },
  {
    id: 'used-by',
    label: 'Used by',
    Tab: UsedByTab,
    count: ({ sandboxCount }) => sandboxCount,
  },
];
