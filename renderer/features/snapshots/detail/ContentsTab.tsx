import type { Snapshot } from '#shared/contract/snapshots';
import { useContentsRevision } from '../../../stores/contents';
import { ContentsBrowser } from '../contents/ContentsBrowser';
import { ContentsNotIndexed } from '../contents/ContentsNotIndexed';
import { useContentsLocation } from '../contents/contentsLocation';
import { useFolder } from '../contents/folder/useFolder';
import '../contents/contents.css';

/** Files of a snapshot, browsed without booting it. */
export function ContentsTab({ snapshot }: { snapshot: Snapshot }) {
  const { folder } = useContentsLocation(snapshot.id);
  const revision = useContentsRevision(snapshot.id);
  const listing = useFolder(snapshot.id, folder, revision);
  if (listing?.error?.code === 'conflict') return <ContentsNotIndexed snapshot={snapshot} />;
  return <ContentsBrowser snapshot={snapshot} listing={listing} />;
}
