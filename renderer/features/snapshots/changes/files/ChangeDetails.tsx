import { X } from 'lucide-react';
import type { Difference, DifferenceRow } from '#shared/contract/contents';
import { formatBytes } from '#shared/format';
import { useEngineReady } from '../../../../stores/engine';
import { IconButton } from '../../../../ui/Button';
import { CopyButton } from '../../../../ui/CopyButton';
import { ErrorNote } from '../../../../ui/ErrorNote';
import { ChangeCounts, ChangeSign } from './ChangeSign';
import { aspectTexts, kindTexts, modeText, sizeChangeText } from './describeChange';
import { unifiedText } from './diffLines';
import { TextDiff } from './TextDiff';
import { useTextDiff } from './useTextDiff';
import './ChangeDetails.css';

interface ChangeDetailsProps {
  fromId: string;
  toId: string;
  row: DifferenceRow;
  onClose: () => void;
}

/** Differences of one path: its metadata and its text. */
export function ChangeDetails({ fromId, toId, row, onClose }: ChangeDetailsProps) {
  const { difference } = row;
  const hasText = difference !== null && canHaveTextDiff(difference);
  const diff = useTextDiff(fromId, toId, hasText ? row.path : null);
  const hunks = diff?.comparison?.type === 'text' ? diff.comparison.hunks : null;
  return (
    <section className="change-details" aria-label={`Changes of ${row.path}`}>
      <header>
        {difference && <ChangeSign difference={difference.difference} />}
        <h3 className="mono selectable">{row.path}</h3>
        {hunks && hunks.length > 0 && (
          <CopyButton label="Copy diff" text={unifiedText(row.path, hunks)} />
        )}
        <IconButton label="Close changes" onClick={onClose}>
          <X size={14} />
        </IconButton>
      </header>
      {difference && <Facts difference={difference} />}
      {row.isOpen !== null && (
        <p className="soft">
          Inside: <ChangeCounts counts={row.below} />
        </p>
      )}
      {hasText && <Text diff={diff} difference={difference} path={row.path} />}
    </section>
  );
}

function canHaveTextDiff({ before, after, aspects }: Difference): boolean {
  const isFile = before?.kind === 'file' || after?.kind === 'file';
  return isFile && (!before || !after || aspects.includes('content') || aspects.includes('kind'));
}

function Facts({ difference }: { difference: Difference }) {
  const { before, after } = difference;
  const side = after ?? before;
  if (!side) return null;
  const facts =
    before && after
      ? aspectTexts(difference)
      : [
          kindTexts[side.kind],
          ...(side.linkTarget === null ? [] : [`to ${side.linkTarget}`]),
          `mode ${modeText(side.mode)}`,
          `owner ${side.uid}:${side.gid}`,
        ];
  const size = sizeChangeText(difference);
  return (
    <p className="change-facts soft selectable">
      {[...facts, ...(size ? [size] : [])].map((fact) => (
        <span key={fact}>{fact}</span>
      ))}
    </p>
  );
}

interface TextProps {
  diff: ReturnType<typeof useTextDiff>;
  difference: Difference;
  path: string;
}

function Text({ diff, difference, path }: TextProps) {
  const ready = useEngineReady();
  if (!ready && !diff?.comparison) {
    return (
      <p className="soft">
        Docker is not responding, so file contents cannot be read. The list of changes is complete.
      </p>
    );
  }
  if (!diff) return <p className="soft">Loading…</p>;
  if (diff.error) return <ErrorNote error={diff.error} />;
  switch (diff.comparison?.type) {
    case 'text':
      if (diff.comparison.hunks.length > 0) {
        return <TextDiff hunks={diff.comparison.hunks} label={`Text of ${path}`} />;
      }
      return (
        <p className="soft">
          {difference.difference === 'changed'
            ? 'The contents are the same.'
            : 'The file is empty.'}
        </p>
      );
    case 'binary':
      return <p className="soft">{binaryText(difference)}</p>;
    case 'too_large':
      return (
        <p className="soft">The file is too large, or differs too much, to compare line by line.</p>
      );
    default:
      return null;
  }
}

function binaryText({ before, after }: Difference): string {
  const [was, is] = [before, after].map((side) =>
    side?.kind === 'file' ? formatBytes(side.sizeBytes) : null,
  );
  if (was && is) return `Binary file: ${was} → ${is}`;
  return `Binary file: ${is ?? was}`;
}
