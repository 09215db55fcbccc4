import { Star } from 'lucide-react';
import type { Snapshot } from '#shared/contract/snapshots';
import { operations } from '../../api/operations';
import { IconButton } from '../../ui/Button';
import { toastError } from '../../ui/toastError';

interface FavouriteButtonProps {
  /** The versions it stands for: the first gets the star, and all lose it. */
  snapshots: readonly Snapshot[];
  tabIndex?: number;
}

/** The star of a snapshot, or of all versions of a name. Docker need not be there. */
export function FavouriteButton({ snapshots, tabIndex }: FavouriteButtonProps) {
  const starred = snapshots.filter(({ favourite }) => favourite);
  return (
    <IconButton
      className="star"
      label="Favourite"
      title={
        starred.length > 0 ? 'A favourite: click to take the star away' : 'Make it a favourite'
      }
      aria-pressed={starred.length > 0}
      tabIndex={tabIndex}
      onClick={() => void toastError(toggleFavourite(snapshots))}
    >
      <Star size={15} fill={starred.length > 0 ? 'currentColor' : 'none'} />
    </IconButton>
  );
}

/** Takes the stars of all, or stars the first. */
export async function toggleFavourite(snapshots: readonly Snapshot[]): Promise<void> {
  const starred = snapshots.filter(({ favourite }) => favourite);
  const changed = starred.length > 0 ? starred : snapshots.slice(0, 1);
  for (const { id } of changed) {
    await operations.snapshots.update({ id, favourite: starred.length === 0 });
  }
}
