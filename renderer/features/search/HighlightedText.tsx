interface HighlightedTextProps {
  text: string;
  query: string;
  /** Match only at the start, optionally after a Debian epoch: for versions. */
  onlyAtStart?: boolean;
}

/** Text with the words of a query highlighted. */
export function HighlightedText({ text, query, onlyAtStart = false }: HighlightedTextProps) {
  let at = 0;
  return splitByMatches(text, query, onlyAtStart).map(([part, isMarked]) => {
    const key = at;
    at += part.length;
    return isMarked ? <mark key={key}>{part}</mark> : <span key={key}>{part}</span>;
  });
}

/** Splits a text into parts that match a word of the query, ignoring case, and parts that do not. */
function splitByMatches(
  text: string,
  query: string,
  onlyAtStart: boolean,
): Array<[part: string, isMarked: boolean]> {
  const words = query.split(/\s+/).filter(Boolean);
  if (words.length === 0) return [[text, false]];
  // The longest word first, so that it wins over its prefixes.
  const pattern = words
    .sort((a, b) => b.length - a.length)
    .map((word) => word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('|');
  // `split` puts captured matches at odd indexes.
  return text
    .split(new RegExp(onlyAtStart ? `(?<=^(?:\\d+:)?)(${pattern})` : `(${pattern})`, 'i'))
    .map((part, index): [string, boolean] => [part, index % 2 === 1])
    .filter(([part]) => part !== '');
}
