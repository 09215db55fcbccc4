import type { PaletteEntry, PaletteGroup } from './entries';

/** Entries listed per group. The list is rendered on each key press. */
const MAX_ENTRIES_PER_GROUP = 50;
/** Shorter prefixes of an id also occur in words. */
const MIN_ID_PREFIX_LENGTH = 6;

/**
 * Scores how well a text matches a search, from 0 to 1. Every word of the search must occur in the
 * text; a whole word scores higher than a prefix, and a prefix higher than any other match.
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

function scoreOf({ text, keywords, pasteableId }: PaletteEntry, search: string): number {
  const id = search.trim().toLowerCase();
  if (id.length >= MIN_ID_PREFIX_LENGTH && pasteableId?.startsWith(id)) return 1;
  return rank(`${text} ${keywords ?? ''}`, search);
}

/** Matching groups and entries, best first; equal scores keep their order. */
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
