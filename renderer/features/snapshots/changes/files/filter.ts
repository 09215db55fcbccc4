import type { Difference } from '#shared/contract/contents';

/** What of a comparison is shown. */
export interface ChangesFilter {
  text: string;
  /** Null: all. */
  difference: Difference['difference'] | null;
}

export const noFilter: ChangesFilter = { text: '', difference: null };

/** For the other direction: what was added there is removed here. */
export function reversed({ text, difference }: ChangesFilter): ChangesFilter {
  const others = { added: 'removed', changed: 'changed', removed: 'added' } as const;
  return { text, difference: difference && others[difference] };
}
