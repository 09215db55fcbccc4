import type { PaletteEntry, PaletteGroup } from './entries';

/** So many of a group are listed: the list is drawn anew with each key, and nobody reads on. */
const MAX_ENTRIES_PER_GROUP = 50;
/** Fewer of an id's characters are also in words. */
const MIN_ID_PREFIX_LENGTH = 6;

/**
 * How well a text fits what was typed, from 0 to 1. Every word that was typed must be in it: as a whole word it counts
 * for more than at the beginning of one, and there for more than elsewhere.
 */
export function rank(text: string, search: string): number {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const searched = ` ${text.toLowerCase().replaceAll(/\s+/g, ' ')} `;
  let sum = 0;
  for (const word of words) {
    if (searched.includes(` ${word} `)) sum += 1;
    else if (searched.includes(` ${word}`)) sum += 0.75;
    else if (searched.includes(word)) sum += 0.5;
    else return 0;
  }
  return words.length === 0 ? 1 : sum / words.length;
}

function scoreOf({ text, keywords, pasted }: PaletteEntry, search: string): number {
  const id = search.trim().toLowerCase();
  if (id.length >= MIN_ID_PREFIX_LENGTH && pasted?.startsWith(id)) return 1;
  return rank(`${text} ${keywords ?? ''}`, search);
}

/**
 * What fits, best first; what fits alike stays in its order. It depends on what was typed alone, not on what had been
 * typed before.
 */
export function bestFirst(groups: readonly PaletteGroup[], search: string): PaletteGroup[] {
  return groups
    .map(({ heading, entries }) => {
      const ranked = entries
        .map((entry) => ({ entry, score: scoreOf(entry, search) }))
        .filter(({ score }) => score > 0)
        .sort((a, b) => b.score - a.score);
      const best = ranked[0]?.score ?? 0;
      return {
        heading,
        best,
        entries: ranked.slice(0, MAX_ENTRIES_PER_GROUP).map(({ entry }) => entry),
      };
    })
    .filter(({ best }) => best > 0)
    .sort((a, b) => b.best - a.best);
}
