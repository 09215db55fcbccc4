import type { PackageDifference } from '#shared/contract/contents';
import { packageManagers } from '#shared/contract/contents';
import { formatCount } from '#shared/format';
import { type PackageChange, packageChange } from './packageVersions';
import './PackageChanges.css';

const signs: Record<PackageChange, string> = {
  added: '+',
  removed: '−',
  upgraded: '↑',
  downgraded: '↓',
  changed: '~',
};

/** Packages that differ, by package manager. */
export function PackageChanges({ differences }: { differences: readonly PackageDifference[] }) {
  if (differences.length === 0) {
    return <p className="changes-note soft">Both snapshots have the same packages.</p>;
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrollable with the keyboard
    <section className="changes-packages" aria-label="Packages that differ" tabIndex={0}>
      {packageManagers.map((manager) => {
        const own = differences.filter((found) => found.manager === manager);
        return (
          own.length > 0 && (
            <table key={manager} aria-label={`Packages of ${manager}`}>
              <caption>
                {manager} <span className="soft">{formatCount(own.length)}</span>
              </caption>
              <colgroup>
                <col className="package-change" />
                <col />
                <col />
              </colgroup>
              <thead className="visually-hidden">
                <tr>
                  <th>Change</th>
                  <th>Package</th>
                  <th>Version</th>
                </tr>
              </thead>
              <tbody>
                {own.map((found) => (
                  <PackageRow key={found.name} difference={found} />
                ))}
              </tbody>
            </table>
          )
        );
      })}
    </section>
  );
}

function PackageRow({ difference }: { difference: PackageDifference }) {
  const { name, before, after } = difference;
  const change = packageChange(difference);
  return (
    <tr>
      <td className="package-change">
        <span className={`change-sign ${change}`} aria-hidden>
          {signs[change]}
        </span>
        <span>{change}</span>
      </td>
      <td className="mono selectable">{name}</td>
      <td className="mono selectable soft">
        {before !== null && after !== null ? (
          <>
            {before} <span aria-hidden>→</span>
            <span className="visually-hidden">to</span> {after}
          </>
        ) : (
          (after ?? before)
        )}
      </td>
    </tr>
  );
}
