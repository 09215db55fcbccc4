import type { Difference } from '#shared/contract/contents';

/** What of a comparison is shown. */
export interface ChangesFilter {
  text: string;
  /** Null: all. */
  difference: Difference['difference'] | null;
}

export const noFilter: ChangesFilter = { text: '', difference: null };
