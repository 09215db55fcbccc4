import { Star } from 'lucide-react';
import type { Snapshot } from '#shared/contract/snapshots';
import { operations } from '../../api/operations';
import { IconButton } from '../../ui/Button';
import { toastError } from '../../ui/toastError';

interface FavouriteButtonProps {
  /** Versions of a name: starring affects the first, unstarring all. */
  snapshots: readonly Snapshot[];
  tabIndex?: number;
}

/** Favourite toggle for a snapshot or for all versions of a name. Works without Docker. */
export function FavouriteButton({ snapshots, tabIndex }: FavouriteButtonProps) {
  const starred = snapshots.filter(({ favourite }) => favourite);
  return (
    <IconButton
      className="star"
      label="Favourite"
      title={starred.length > 0 ? 'Remove from favourites' : 'Add to favourites'}
      aria-pressed={starred.length > 0}
      tabIndex={tabIndex}
      onClick={() => void toastError(toggleFavourite(snapshots))}
    >
      <Star size={15} fill={starred.length > 0 ? 'currentColor' : 'none'} />
    </IconButton>
  );
}

/** Unstars all versions if any is starred, otherwise stars the first. */
export async function toggleFavourite(snapshots: readonly Snapshot[]): Promise<void> {
  const starred = snapshots.filter(({ favourite }) => favourite);
  const changed = starred.length > 0 ? starred : snapshots.slice(0, 1);
  for (const { id } of changed) {
    await operations.snapshots.update({ id, favourite: starred.length === 0 });
  }
}
