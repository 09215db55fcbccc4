import type { Snapshot } from '#shared/contract/snapshots';
import { useContentsRevision } from '../../../stores/contents';
import { ContentsBrowser } from '../contents/ContentsBrowser';
import { NotYetRead } from '../contents/ContentsNotIndexed';
import { usePlace } from '../contents/contentsPlace';
import { useFolder } from '../contents/folder/useFolder';
import '../contents/contents.css';

/** What is inside a snapshot, without booting it. */
export function ContentsTab({ snapshot }: { snapshot: Snapshot }) {
  const { folder } = usePlace(snapshot.id);
  const revision = useContentsRevision(snapshot.id);
  const listing = useFolder(snapshot.id, folder, revision);
  if (listing?.error?.code === 'conflict') return <NotYetRead snapshot={snapshot} />;
  return <ContentsBrowser snapshot={snapshot} listing={listing} />;
}
