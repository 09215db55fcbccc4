import { useEffect } from 'react';
import { create } from 'zustand';
import type { Picture } from '#shared/contract/contents';
import { operations } from '../api/operations';
import { useContentsRevision } from './contents';

interface KnownPicture {
  /** Of the snapshot's contents, when it was asked for. */
  revision: number;
  picture: Picture;
}

/** Enough for what one scrolls over and comes back to; a picture is a few kilobytes. */
const MAX_CACHED_PICTURES = 600;
/** What only flies by while the wall is scrolled is not asked for. Milliseconds. */
const DEBOUNCE_MS = 60;

/** In the order in which they came: the oldest goes first. */
const usePictures = create<{ known: ReadonlyMap<string, KnownPicture> }>(() => ({
  known: new Map(),
}));

function keep(snapshotId: string, found: KnownPicture): void {
  usePictures.setState(({ known }) => {
    const next = new Map(known);
    next.delete(snapshotId);
    next.set(snapshotId, found);
    for (const id of next.keys()) {
      if (next.size <= MAX_CACHED_PICTURES) break;
      next.delete(id);
    }
    return { known: next };
  });
}

/** How far they were may have changed unheard: whoever shows them asks again. */
export function forgetUnfinishedPictures(): void {
  usePictures.setState(({ known }) => ({
    known: new Map([...known].filter(([, { picture }]) => picture.state === 'ready')),
  }));
}

/** What a snapshot's picture shows; null until the first answer. It follows the reading of its contents. */
export function usePicture(snapshotId: string): Picture | null {
  const revision = useContentsRevision(snapshotId);
  const found = usePictures(({ known }) => known.get(snapshotId));
  const isCurrent = found?.revision === revision;
  useEffect(() => {
    if (isCurrent) return;
    let wanted = true;
    const timer = window.setTimeout(async () => {
      try {
        const picture = await operations.contents.picture({ snapshotId });
        if (wanted) keep(snapshotId, { revision, picture });
      } catch (thrown) {
        // It may have been deleted meanwhile; the place stays empty.
        console.warn('A picture did not come:', thrown);
      }
    }, DEBOUNCE_MS);
    return () => {
      wanted = false;
      window.clearTimeout(timer);
    };
  }, [snapshotId, revision, isCurrent]);
  return found?.picture ?? null;
}
