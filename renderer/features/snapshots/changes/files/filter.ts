import type { Difference } from '#shared/contract/contents';

/** Filter of the changed paths. */
export interface ChangesFilter {
  text: string;
  /** Kind of difference; null for all. */
  difference: Difference['difference'] | null;
}

export const noFilter: ChangesFilter = { text: '', difference: null };

/** Filter for the reverse direction: added becomes removed and vice versa. */
export function reversed({ text, difference }: ChangesFilter): ChangesFilter {
  const others = { added: 'removed', changed: 'changed', removed: 'added' } as const;
  return { text, difference: difference && others[difference] };
}
