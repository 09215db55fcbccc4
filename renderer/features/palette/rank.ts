import { INSIDE_PREFIX } from '../search/InsideItems';

/** The least that is shown: below everything that has the words itself. */
const FOUND_INSIDE = 0.01;

/** Every word that was typed must be in it; at the beginning of a word it counts for more. */
export function rank(value: string, search: string, keywords: string[] = []): number {
  if (value.startsWith(INSIDE_PREFIX)) return FOUND_INSIDE;
  const text = ` ${[value, ...keywords].join(' ').toLowerCase()}`;
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.every((word) => text.includes(word))) return 0;
  return words.some((word) => text.includes(` ${word}`)) ? 1 : 0.5;
}
