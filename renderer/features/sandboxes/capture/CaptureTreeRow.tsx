import { Check, ChevronRight, Minus } from 'lucide-react';
import type { PreviewEntry } from '#shared/contract/schemas/capturePreview';
import { formatBytes, formatCount } from '#shared/format';
import type { CaptureNode } from './captureTree';

interface CaptureTreeRowProps {
  node: CaptureNode;
  level: number;
  totalBytes: number;
  kept: 'true' | 'false' | 'mixed';
  /** Excluded ancestor folder, which excludes this entry as well. */
  excludedBy: string | null;
  /** Whether the folder is expanded; null for entries without children. */
  isOpen: boolean | null;
  isCurrent: boolean;
  onFocus: () => void;
  onToggle: () => void;
  onOpen: (open: boolean) => void;
}

const changeWords: Record<PreviewEntry['change'], string> = {
  added: 'new',
  changed: 'changed',
  removed: 'removed',
};

/** Row of a file or folder: checkbox, name, kind of change, size and share of the layer. */
export function CaptureTreeRow(props: CaptureTreeRowProps) {
  const { node, level, totalBytes, kept, excludedBy, isOpen, isCurrent } = props;
  const { path, change, kind, sizeBytes, pathCount } = node.entry;
  const isRemoved = change === 'removed';
  const part = totalBytes > 0 ? Math.min(1, (sizeBytes ?? 0) / totalBytes) : 0;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree handles the keys
    <div
      role="treeitem"
      className={`kept-row ${kept === 'false' ? 'left-out' : ''} ${change}`}
      style={{ '--depth': level - 1 }}
      aria-level={level}
      aria-expanded={isOpen ?? undefined}
      aria-checked={isRemoved ? undefined : kept}
      aria-disabled={excludedBy !== null || undefined}
      aria-label={label(node)}
      title={excludedBy ? `${excludedBy} is left out` : path}
      tabIndex={isCurrent ? 0 : -1}
      onFocus={props.onFocus}
      onClick={props.onToggle}
    >
      <span className={`tick ${kept}`} aria-hidden>
        {!isRemoved && kept === 'true' && <Check size={12} strokeWidth={3} />}
        {!isRemoved && kept === 'mixed' && <Minus size={12} strokeWidth={3} />}
      </span>
      <span className="kept-name">
        {/* Mouse only: the keyboard uses the arrow keys. */}
        <span
          className={`fold ${isOpen ? 'open' : ''}`}
          aria-hidden
          onClick={(event) => {
            if (isOpen === null) return;
            event.stopPropagation();
            props.onOpen(!isOpen);
          }}
        >
          {isOpen !== null && <ChevronRight size={14} />}
        </span>
        <span className="mono ellipsis">
          {node.label}
          {kind === 'directory' && '/'}
        </span>
      </span>
      <span className="kept-change">{changeWords[change]}</span>
      <span className="kept-count">
        {kind === 'directory' && pathCount > 1 ? `${formatCount(pathCount)} items` : ''}
      </span>
      <span className="kept-size">{sizeText(node.entry)}</span>
      <span className={part > 0 ? 'kept-bar' : ''} aria-hidden>
        <span style={{ width: `${part * 100}%` }} />
      </span>
    </div>
  );
}

/** Summary row of a folder's remaining entries. */
CaptureTreeRow.Rest = function Rest({ node, level }: { node: CaptureNode; level: number }) {
  const { pathCount, sizeBytes } = node.rest ?? { pathCount: 0, sizeBytes: 0 };
  return (
    <div className="kept-row rest" style={{ '--depth': level - 1 }} role="none">
      <span />
      <span className="kept-name">
        <span className="fold" />
        <span>{formatCount(pathCount)} smaller items</span>
      </span>
      <span />
      <span />
      <span className="kept-size">{formatBytes(sizeBytes)}</span>
      <span />
    </div>
  );
};

function sizeText({ change, kind, sizeBytes }: PreviewEntry): string {
  if (change === 'removed') return '';
  if (sizeBytes === null) return '…';
  return kind === 'file' || kind === 'directory' || kind === null ? formatBytes(sizeBytes) : '';
}

function label({ entry, label: name }: CaptureNode): string {
  return [name, changeWords[entry.change], sizeText(entry)].filter(Boolean).join(', ');
}
