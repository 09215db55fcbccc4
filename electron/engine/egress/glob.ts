/**
 * Matches a text with a glob: `*` is any characters, `?` is one. Stars match as little as possible, so the
 * time is bounded by the product of the lengths, whatever text a sandbox sends.
 */
export function matchesGlob(glob: string, text: string): boolean {
  let at = 0;
  let globAt = 0;
  let star = -1;
  let starAt = 0;
  while (at < text.length) {
    if (glob[globAt] === '*') {
      star = globAt;
      starAt = at;
      globAt += 1;
    } else if (globAt < glob.length && (glob[globAt] === '?' || glob[globAt] === text[at])) {
      globAt += 1;
      at += 1;
    } else if (star >= 0) {
      starAt += 1;
      at = starAt;
      globAt = star + 1;
    } else {
      return false;
    }
  }
  return /^\**$/.test(glob.slice(globAt));
}
