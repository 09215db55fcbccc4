import { formatBytes, formatCount } from '#shared/format';
import { ChangeCounts } from './files/ChangeSign';
import { packageChange } from './packageVersions';
import type { ComparisonSummary } from './useComparison';

/** One-line summary of the differences. */
export function ChangesSummary({ summary }: { summary: ComparisonSummary }) {
  const { counts, addedBytes, removedBytes, packages } = summary;
  return (
    <p className="changes-summary" role="status">
      <span>
        Files <ChangeCounts counts={counts} />
      </span>
      <span title="Bytes in added and in removed files. A changed file counts as both.">
        <span className="added">+{formatBytes(addedBytes)}</span>{' '}
        <span className="removed">−{formatBytes(removedBytes)}</span>
      </span>
      <span>{packagesText(packages.map(packageChange))}</span>
    </p>
  );
}

function packagesText(changes: ReturnType<typeof packageChange>[]): string {
  if (changes.length === 0) return 'Packages unchanged';
  const texts = (['added', 'upgraded', 'downgraded', 'changed', 'removed'] as const).flatMap(
    (change) => {
      const count = changes.filter((other) => other === change).length;
      return count > 0 ? [`${formatCount(count)} ${change}`] : [];
    },
  );
  return `Packages ${texts.join(', ')}`;
}
