import { memo } from 'react';
import type { ContentsEntry } from '#shared/contract/contents';
import { formatBytes } from '#shared/format';
import { Age } from '../../../../ui/Age';
import { modeText, nameText } from './describeEntry';
import { EntryIcon } from './EntryIcon';

interface EntryRowProps {
  id: string;
  /** Row index, from 0. */
  index: number;
  top: number;
  entry: ContentsEntry;
  isSelected: boolean;
  /** Whether entries added or changed since the parent are marked. */
  marksOwn: boolean;
}

/** Row of a folder. The grid handles its clicks. */
export const EntryRow = memo(function EntryRow(props: EntryRowProps) {
  const { id, index, top, entry, isSelected, marksOwn } = props;
  const { name, kind, sizeBytes, mode, uid, gid, modifiedAt, linkTarget, own } = entry;
  const isInherited = marksOwn && !own;
  return (
    <tr
      id={id}
      data-index={index}
      aria-rowindex={index + 2}
      aria-selected={isSelected}
      aria-label={nameText(name)}
      className={`entry ${isSelected ? 'selected' : ''} ${isInherited ? 'inherited' : ''}`}
      style={{ transform: `translateY(${top}px)` }}
      draggable={kind !== 'other'}
    >
      <td className="entry-name mono" title={name}>
        <EntryIcon entry={entry} />
        <span className="entry-text">{nameText(name)}</span>
        {linkTarget !== null && <span className="entry-target soft">→ {nameText(linkTarget)}</span>}
        {marksOwn && own && (
          <span className="entry-own" title="Added or changed since its parent">
            +<span className="visually-hidden"> added or changed</span>
          </span>
        )}
      </td>
      <td className="entry-size">
        {kind === 'symlink' || kind === 'other' ? '' : formatBytes(sizeBytes)}
      </td>
      <td className="entry-mode mono soft" title={mode.toString(8)}>
        {modeText(mode)}
      </td>
      <td className="entry-owner mono soft">
        {uid}:{gid}
      </td>
      <td className="entry-age soft">{modifiedAt !== null && <Age time={modifiedAt} />}</td>
    </tr>
  );
});
