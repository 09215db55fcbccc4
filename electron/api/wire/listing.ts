import { z } from 'zod';
import { SandglassError } from '#shared/errors';

/** How lists are filtered, sorted and paged: the same for everything that is listed. */

export const MOST_ON_A_PAGE = 500;
const USUAL_ON_A_PAGE = 50;

const pageSize = z.coerce.number().int().min(1).max(MOST_ON_A_PAGE).optional();

/** What every list understands. */
export const pageQuery = z.object({
  name_contains: z.string().optional().describe('Without regard to case.'),
  page_size: pageSize.describe('The most on a page, 1 to 500; 50 unless given.'),
  limit: pageSize.describe('Another word for page_size.'),
  offset: z.coerce.number().int().min(0).optional().describe('How many to pass over.'),
  cursor: z
    .string()
    .regex(/^\d+$/, 'This is no cursor of ours.')
    .optional()
    .describe('The next_cursor of the page before.'),
});
export type PageQuery = z.infer<typeof pageQuery>;

/** What the lists of sandboxes and of snapshots understand besides. */
export function listQuery<const Column extends string>(columns: readonly Column[]) {
  const order = z.enum(['asc', 'desc']).optional();
  return pageQuery.extend({
    status: z.string().optional().describe('Only those in this state.'),
    label: z
      .union([z.string(), z.array(z.string())])
      .optional()
      .describe('Only those with this label, as key or as key=value; of several, with all.'),
    created_by: z.literal('me').optional().describe('Everything here is yours.'),
    sort_by: z.enum(columns).optional().describe('created_at unless given.'),
    sort_order: order.describe('Times and durations from the newest or longest unless given.'),
    sort_direction: order.describe('Another word for sort_order.'),
  });
}
type ListQuery = z.infer<ReturnType<typeof listQuery>>;

/** One page, and where the next one starts; null after the last. */
export interface Page<T> {
  items: T[];
  next: number | null;
}

/** Where the page begins that is asked for, and how many it has. */
export function pageBounds(query: PageQuery): { offset: number; limit: number } {
  return {
    offset: query.cursor === undefined ? (query.offset ?? 0) : Number(query.cursor),
    limit: query.page_size ?? query.limit ?? USUAL_ON_A_PAGE,
  };
}

/** The page that is asked for of everything there is. */
export function pageOf<T extends { name: string }>(all: T[], query: PageQuery): Page<T> {
  const { offset, limit } = pageBounds(query);
  const needle = query.name_contains?.toLowerCase() ?? '';
  const found = all.filter(({ name }) => name.toLowerCase().includes(needle));
  const items = found.slice(offset, offset + limit);
  const next = offset + items.length;
  return { items, next: next < found.length ? next : null };
}

/** Those that a list asks for, in its order. What comes in is newest first. */
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

/** A list as clients of every age read it: `legacy` is the word of the older ones. */
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

/** Of what only a hosted service has, nothing is asked here. @throws SandglassError `invalid_input` */
export function refuseTagValues(ids: unknown): void {
  if (ids === undefined || ids === null || (Array.isArray(ids) && ids.length === 0)) return;
  throw new SandglassError(
    'invalid_input',
    'tag_value_ids: there is no workspace with tags here.',
    {
      field: 'tag_value_ids',
      hint: 'Use labels.',
    },
  );
}

function hasLabel(labels: Record<string, string>, label: string): boolean {
  const at = label.indexOf('=');
  if (at < 0) return Object.hasOwn(labels, label);
  const key = label.slice(0, at);
  return Object.hasOwn(labels, key) && labels[key] === label.slice(at + 1);
}

/** ISO times, names and states compare as text; what has no value comes first. */
function valueIn(item: object, column: string): string | number {
  return (item as Record<string, string | number | undefined>)[column] ?? '';
}

function compare(a: string | number, b: string | number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
