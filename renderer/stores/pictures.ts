import { useEffect } from 'react';
import { create } from 'zustand';
import type { Picture } from '#shared/contract/contents';
import { operations } from '../api/operations';
import { useContentsRevision } from './contents';

interface KnownPicture {
  /** Contents revision that the picture was requested for. */
  revision: number;
  picture: Picture;
}

/** Cached pictures of a few kilobytes each, enough for scrolling back and forth. */
const MAX_CACHED_PICTURES = 600;
/** Milliseconds that a card must stay visible before its picture is requested. */
const DEBOUNCE_MS = 60;

/** Picture cache in insertion order: the oldest entry is evicted first. */
const usePictures = create<{ known: ReadonlyMap<string, KnownPicture> }>(() => ({
  known: new Map(),
}));

function cachePicture(snapshotId: string, found: KnownPicture): void {
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

/** Drops pictures that were not ready, as their state may have changed while the stream was down. */
export function dropUnfinishedPictures(): void {
  usePictures.setState(({ known }) => ({
    known: new Map([...known].filter(([, { picture }]) => picture.state === 'ready')),
  }));
}

/** The picture of a snapshot, refetched as indexing progresses; null before the first response. */
export function usePicture(snapshotId: string): Picture | null {
  const revision = useContentsRevision(snapshotId);
  const found = usePictures(({ known }) => known.get(snapshotId));
  const isUpToDate = found?.revision === revision;
  useEffect(() => {
    if (isUpToDate) return;
    let isCurrent = true;
    const timer = window.setTimeout(async () => {
      try {
        const picture = await operations.contents.picture({ snapshotId });
        if (isCurrent) cachePicture(snapshotId, { revision, picture });
      } catch (thrown) {
        // The snapshot may have been deleted; its card stays without a picture.
        console.warn('Failed to load a picture:', thrown);
      }
    }, DEBOUNCE_MS);
    return () => {
      isCurrent = false;
      window.clearTimeout(timer);
    };
  }, [snapshotId, revision, isUpToDate]);
  return found?.picture ?? null;
}
