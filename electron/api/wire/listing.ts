import { z } from 'zod';
import { SandglassError } from '#shared/errors';

/** Filtering, sorting and pagination, the same for every list. */

export const MAX_PAGE_SIZE = 500;
const DEFAULT_PAGE_SIZE = 50;

const pageSize = z.coerce.number().int().min(1).max(MAX_PAGE_SIZE).optional();

/** Query parameters of every list. */
export const pageQuery = z.object({
  name_contains: z.string().optional().describe('Case-insensitive substring of the name.'),
  page_size: pageSize.describe('Items per page, 1 to 500; 50 by default.'),
  limit: pageSize.describe('Alias of page_size.'),
  offset: z.coerce.number().int().min(0).optional().describe('Number of items to skip.'),
  cursor: z
    .string()
    .regex(/^\d+$/, 'This is not a valid cursor.')
    .optional()
    .describe('The next_cursor of the previous page.'),
});
export type PageQuery = z.infer<typeof pageQuery>;

/** Additional query parameters of the lists of sandboxes and snapshots. */
export function listQuery<const Column extends string>(columns: readonly Column[]) {
  const order = z.enum(['asc', 'desc']).optional();
  return pageQuery.extend({
    status: z.string().optional().describe('Filters by status.'),
    label: z
      .union([z.string(), z.array(z.string())])
      .optional()
      .describe('Filters by a label, as key or key=value; repeatable, all must match.'),
    created_by: z.literal('me').optional().describe('No effect: everything is yours.'),
    sort_by: z.enum(columns).optional().describe('created_at by default.'),
    sort_order: order.describe('By default asc for name and status, desc for times and durations.'),
    sort_direction: order.describe('Alias of sort_order.'),
  });
}
type ListQuery = z.infer<ReturnType<typeof listQuery>>;

/** Page of a list, and the offset of the next one; null after the last. */
export interface Page<T> {
  items: T[];
  next: number | null;
}

/** Offset and size of the requested page. */
export function pageBounds(query: PageQuery): { offset: number; limit: number } {
  return {
    offset: query.cursor === undefined ? (query.offset ?? 0) : Number(query.cursor),
    limit: query.page_size ?? query.limit ?? DEFAULT_PAGE_SIZE,
  };
}

/** Filters by name and cuts the requested page out of a list. */
export function pageOf<T extends { name: string }>(all: T[], query: PageQuery): Page<T> {
  const { offset, limit } = pageBounds(query);
  const needle = query.name_contains?.toLowerCase() ?? '';
  const found = all.filter(({ name }) => name.toLowerCase().includes(needle));
  const items = found.slice(offset, offset + limit);
  const next = offset + items.length;
  return { items, next: next < found.length ? next : null };
}

/** Filters and sorts a list as requested. The input is sorted newest first. */
export function select<
  T extends { status: string; labels: Record<string, string>; created_at: string },
>(all: T[], query: ListQuery): T[] {
  const wanted = [query.label ?? []].flat();
  const found = all.filter(
    ({ status, labels }) =>
      (query.status === undefined || status === query.status) &&
      wanted.every((label) => hasLabel(labels, label)),
  );
  const column = query.sort_by ?? 'created_at';
  const isText = column === 'name' || column === 'status';
  const order = query.sort_order ?? query.sort_direction ?? (isText ? 'asc' : 'desc');
  const sign = order === 'asc' ? 1 : -1;
  return found.sort((a, b) => sign * compare(valueIn(a, column), valueIn(b, column)));
}

/** List response. Older clients read the items from the property `legacy`. */
export function listSchema<Item extends z.ZodType, const Legacy extends string>(
  item: Item,
  legacy: Legacy,
) {
  return z.object({
    items: z.array(item),
    ...({ [legacy]: z.array(item) } as Record<Legacy, z.ZodArray<Item>>),
    next_cursor: z.string().nullable(),
    offset: z.number(),
  });
}

export function toList<T, const Legacy extends string>({ items, next }: Page<T>, legacy: Legacy) {
  return {
    items,
    ...({ [legacy]: items } as Record<Legacy, T[]>),
    next_cursor: next === null ? null : String(next),
    offset: next ?? 0,
  };
}

/**
 * Rejects tags, which only the hosted service has.
 *
 * @throws SandglassError `invalid_input`
 */
export function refuseTagValues(ids: unknown): void {
  if (ids === undefined || ids === null || (Array.isArray(ids) && ids.length === 0)) return;
  throw new SandglassError('invalid_input', 'tag_value_ids: there are no workspace tags.', {
    field: 'tag_value_ids',
    hint: 'Use labels.',
  });
}

function hasLabel(labels: Record<string, string>, label: string): boolean {
  const at = label.indexOf('=');
  if (at < 0) return Object.hasOwn(labels, label);
  const key = label.slice(0, at);
  return Object.hasOwn(labels, key) && labels[key] === label.slice(at + 1);
}

/** ISO times, names and states compare as strings; missing values sort first. */
function valueIn(item: object, column: string): string | number {
  return (item as Record<string, string | number | undefined>)[column] ?? '';
}

function compare(a: string | number, b: string | number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
