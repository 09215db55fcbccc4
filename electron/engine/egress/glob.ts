/**
 * Whether a text is what a glob describes: `*` is any characters, `?` is one. Every star takes as little
 * as it can, so the time grows with the two lengths and not with their powers: the text is a sandbox's.
 */
export function matchesGlob(glob: string, text: string): boolean {
  let at = 0;
  let from = 0;
  let star = -1;
  let starAt = 0;
  while (at < text.length) {
    if (glob[from] === '*') {
      star = from;
      starAt = at;
      from += 1;
    } else if (from < glob.length && (glob[from] === '?' || glob[from] === text[at])) {
      from += 1;
      at += 1;
    } else if (star >= 0) {
      starAt += 1;
      at = starAt;
      from = star + 1;
    } else {
      return false;
    }
  }
  return /^\**$/.test(glob.slice(from));
}
