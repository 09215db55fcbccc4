import { type ComponentType, useDeferredValue, useMemo } from 'react';
import { formatCount } from '#shared/format';
import { useRoute } from '../../../stores/route';
import { searchInside } from '../../../stores/search';
import { useSnapshot, useSnapshots } from '../../../stores/snapshots';
import { Button } from '../../../ui/Button';
import { EmptyState } from '../../../ui/EmptyState';
import { NewSnapshotButton } from '../../common/NewSnapshotButton';
import type { SnapshotDetailProps } from '../detail/SnapshotDetail';
import { arrange, filterGroups, snapshotCount } from './arrange';
import { FilterChips } from './FilterChips';
import { GalleryGrid } from './GalleryGrid';
import { GalleryHeader } from './GalleryHeader';
import { clearFilter, setActive, useGallery } from './galleryStore';
import { groupByLineage } from './lineageGroups';
import { SelectionBar } from './SelectionBar';
import { focusGrid } from './useGridInput';
import '../snapshots.css';
import './gallery.css';

/** Focuses a card once the grid has been rendered. */
function focusCard(name: string): void {
  setActive(name);
  requestAnimationFrame(focusGrid);
}

interface SnapshotsPageProps {
  /** The detail panel, passed in because it is loaded later than this page. */
  Detail: ComponentType<SnapshotDetailProps>;
}

/** The gallery with the details of the selected snapshot beside it. */
export function SnapshotsPage({ Detail }: SnapshotsPageProps) {
  const { items, loaded } = useSnapshots();
  const { sort, layout, byLineage } = useGallery();
  // Keeps typing responsive with many snapshots.
  const filter = useDeferredValue(useGallery((state) => state.filter));
  const selected = useSnapshot(useRoute(({ selectedSnapshotId }) => selectedSnapshotId));
  const groups = useMemo(() => arrange(items, sort), [items, sort]);
  const shown = useMemo(() => filterGroups(groups, filter), [groups, filter]);
  const total = items.length;
  const content = useMemo(
    () => (byLineage ? { lineages: groupByLineage(shown, items) } : { groups: shown }),
    [byLineage, shown, items],
  );
  return (
    <>
      <GalleryHeader isEmpty={total === 0} />
      <FilterChips shown={snapshotCount(shown)} total={total} />
      <div className="snapshots">
        <div className="gallery">
          {shown.length > 0 && (
            <GalleryGrid
              content={content}
              dense={layout === 'list'}
              openName={selected?.name ?? null}
            />
          )}
          {loaded && items.length === 0 && (
            <EmptyState title="No snapshots yet" action={<NewSnapshotButton />}>
              A snapshot is a filesystem that sandboxes boot from. Build the first one from any
              Docker image.
            </EmptyState>
          )}
          {items.length > 0 && shown.length === 0 && (
            <EmptyState
              title="No matches"
              action={
                <>
                  {filter.text && (
                    <Button variant="primary" onClick={() => searchInside(filter.text)}>
                      Search inside snapshots
                    </Button>
                  )}
                  <Button onClick={clearFilter}>Clear filter</Button>
                </>
              }
            >
              {total === 1
                ? 'The only snapshot does not match the filter.'
                : `None of ${formatCount(total)} snapshots matches the filter.`}
              {filter.text && ' The filter covers names and origins, not contents.'}
            </EmptyState>
          )}
          {!loaded && <p className="loading soft">Loading…</p>}
          <SelectionBar shown={shown} />
        </div>
        {selected && <Detail snapshot={selected} onClose={() => focusCard(selected.name)} />}
      </div>
    </>
  );
}
