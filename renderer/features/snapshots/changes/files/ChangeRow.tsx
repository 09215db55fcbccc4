import { ChevronDown, ChevronRight, File, FileCog, FileSymlink, Folder } from 'lucide-react';
import type { CSSProperties, MouseEvent } from 'react';
import type { ContentsEntry, DifferenceRow } from '#shared/contract/contents';
import { ChangeCounts, ChangeSign } from './ChangeSign';
import { aspectTexts, bytesText, sizeChangeText } from './describeChange';
import './ChangeRow.css';

const icons = { file: File, directory: Folder, symlink: FileSymlink, other: FileCog };

interface ChangeRowProps {
  id: string;
  /** Null while the row is loading. */
  row: DifferenceRow | null;
  active: boolean;
  style: CSSProperties;
  onPress: (event: MouseEvent) => void;
}

/** Row of a changed path, or of a folder that contains changes. */
export function ChangeRow({ id, row, active, style, onPress }: ChangeRowProps) {
  const difference = row?.difference ?? null;
  const kind: ContentsEntry['kind'] = difference
    ? ((difference.after ?? difference.before)?.kind ?? 'file')
    : 'directory';
  const Icon = icons[kind];
  const Chevron = row?.isOpen ? ChevronDown : ChevronRight;
  const aspects = difference ? aspectTexts(difference) : [];
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree handles the keys
    <div
      id={id}
      role="treeitem"
      tabIndex={-1}
      className="change-row"
      aria-level={row?.level ?? 1}
      aria-expanded={row?.isOpen ?? undefined}
      aria-selected={active}
      aria-label={row ? undefined : 'Loading'}
      style={style}
      onClick={onPress}
    >
      {row && (
        <>
          <span
            className="change-name"
            style={{ paddingLeft: (row.level - 1) * 16 }}
            title={row.path}
          >
            <span className="change-chevron">
              {row.isOpen !== null && <Chevron size={14} aria-hidden />}
            </span>
            {difference ? (
              <ChangeSign difference={difference.difference} />
            ) : (
              <span className="change-sign" />
            )}
            <Icon size={14} aria-hidden className="soft" />
            <span className={`change-path mono ${difference?.difference ?? 'same'}`}>
              {row.name}
            </span>
          </span>
          <span className="change-what soft" title={aspects.join('\n')}>
            {aspects.join(', ')}
          </span>
          {row.isOpen !== null && <ChangeCounts counts={row.below} />}
          <span className="change-size soft">
            {row.isOpen === null ? difference && sizeChangeText(difference) : bytesText(row)}
          </span>
        </>
      )}
    </div>
  );
}
