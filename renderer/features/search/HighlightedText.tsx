interface HighlightedTextProps {
  text: string;
  query: string;
  /** Of a version only its beginning is looked for, with or without Debian's epoch. */
  onlyAtStart?: boolean;
}

/** A text in which the words of a query are marked. */
export function HighlightedText({ text, query, onlyAtStart = false }: HighlightedTextProps) {
  let at = 0;
  return splitByMatches(text, query, onlyAtStart).map(([part, isMarked]) => {
    const key = at;
    at += part.length;
    return isMarked ? <mark key={key}>{part}</mark> : <span key={key}>{part}</span>;
  });
}

/** The parts of a text, and of each whether it is a word of the query, in upper or lower case. */
function splitByMatches(
  text: string,
  query: string,
  onlyAtStart: boolean,
): Array<[part: string, isMarked: boolean]> {
  const words = query.split(/\s+/).filter(Boolean);
  if (words.length === 0) return [[text, false]];
  // The longest first: where two begin at one place, that is marked.
  const pattern = words
    .sort((a, b) => b.length - a.length)
    .map((word) => word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('|');
  // What is captured stands at the odd places.
  return text
    .split(new RegExp(onlyAtStart ? `(?<=^(?:\\d+:)?)(${pattern})` : `(${pattern})`, 'i'))
    .map((part, index): [string, boolean] => [part, index % 2 === 1])
    .filter(([part]) => part !== '');
}
