import type { Difference, DifferenceCounts } from '#shared/contract/contents';
import { countTexts, countWords, differenceSigns } from './describeChange';

/** Sign of a difference, with its name for screen readers. */
export function ChangeSign({ difference }: { difference: Difference['difference'] }) {
  return (
    <span className={`change-sign ${difference}`} title={difference}>
      <span aria-hidden>{differenceSigns[difference]}</span>
      <span className="visually-hidden">{difference}</span>
    </span>
  );
}

/** Numbers of added, changed and removed paths. */
export function ChangeCounts({ counts }: { counts: DifferenceCounts }) {
  return (
    <span className="change-counts" title={countWords(counts)}>
      {countTexts(counts).map(([kind, text]) => (
        <span key={kind} className={kind} aria-hidden>
          {text}
        </span>
      ))}
      <span className="visually-hidden">{countWords(counts)}</span>
    </span>
  );
}
