import { CircleDashed, File, FileSymlink, Folder } from 'lucide-react';
import type { ContentsEntry } from '#shared/contract/contents';
import { kindText } from './describeEntry';

const icons = { file: File, directory: Folder, symlink: FileSymlink, other: CircleDashed } as const;

export function EntryIcon({ entry }: { entry: Pick<ContentsEntry, 'kind'> }) {
  const Icon = icons[entry.kind];
  return <Icon size={14} className="entry-icon" aria-label={kindText(entry)} />;
}
