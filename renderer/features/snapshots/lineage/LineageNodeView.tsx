import { Box, CircleDashed, Ellipsis, GitCompareArrows, Layers, Package } from 'lucide-react';
import { formatBytes } from '#shared/format';
import type { LineageItem } from '#shared/lineageTree';
import { Age } from '../../../ui/Age';
import { sandboxDot, sandboxStateText } from '../../common/describeSandbox';
import { versionMark } from '../../common/describeSnapshot';
import { itemLabel, itemTitle, itemTooltip, statusText, versionText } from './describeLineage';
import type { PlacedNode } from './lineageLayout';

const icons = {
  image: Package,
  snapshot: Layers,
  deleted: CircleDashed,
  sandbox: Box,
  more: Ellipsis,
  earlier: Ellipsis,
};

interface LineageNodeViewProps {
  node: PlacedNode;
  /** Whether its details are open. */
  isCurrent: boolean;
  /** Whether it is the tab stop of the tree. */
  isTabStop: boolean;
}

/** Node of the tree with its title and facts. */
export function LineageNodeView({ node, isCurrent, isTabStop }: LineageNodeViewProps) {
  const { item } = node;
  const Icon = icons[item.kind];
  const isRunning = item.kind === 'sandbox' && item.sandbox.status === 'ready';
  return (
    <div
      role="treeitem"
      className={`lineage-node ${item.kind} ${isRunning ? 'running' : ''}`}
      style={{ left: node.left, top: node.top }}
      data-key={node.key}
      tabIndex={isTabStop ? 0 : -1}
      title={itemTooltip(item)}
      aria-label={itemLabel(item)}
      aria-level={node.level}
      aria-posinset={node.position}
      aria-setsize={node.setSize}
      aria-expanded={node.firstChildKey === null ? undefined : true}
      aria-selected={isCurrent}
      aria-current={isCurrent ? 'true' : undefined}
    >
      <Icon size={14} aria-hidden />
      <span className="lineage-name mono">{itemTitle(item)}</span>
      {isCurrent && <span className="lineage-mark">open</span>}
      {item.kind === 'snapshot' && !isCurrent && (
        <button
          type="button"
          className="lineage-compare"
          tabIndex={-1}
          title="Compare with the open snapshot (C)"
          aria-label={`Compare with ${itemTitle(item)}`}
          data-compare
        >
          <GitCompareArrows size={14} aria-hidden />
        </button>
      )}
      <span className="lineage-facts soft">
        <ItemFacts item={item} />
      </span>
    </div>
  );
}

function ItemFacts({ item }: { item: LineageItem }) {
  switch (item.kind) {
    case 'image':
      return 'Docker image';
    case 'deleted':
      return item.name === null ? 'its captures are kept' : 'deleted';
    case 'more':
      return item.of;
    case 'earlier':
      return 'older snapshots';
    case 'sandbox':
      return (
        <>
          <span className={`dot ${sandboxDot(item.sandbox)}`} />
          {sandboxStateText(item.sandbox)}
        </>
      );
    case 'snapshot': {
      const { createdAt, sizeBytes } = item.snapshot;
      return (
        <>
          {versionText(item) && <span>{versionMark(item.snapshot)}</span>}
          {statusText(item) ?? (sizeBytes !== null && <span>{formatBytes(sizeBytes)}</span>)}
          <Age time={createdAt} />
        </>
      );
    }
  }
}
