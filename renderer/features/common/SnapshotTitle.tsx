import './SnapshotTitle.css';

/** Title from `useSnapshotTitles` on one line. A long name is truncated; the version mark is not. */
export function SnapshotTitle({ title }: { title: string }) {
  const [name, mark] = title.split(' ');
  return (
    <span className="snapshot-title" title={title}>
      <span>{name}</span>
      {mark !== undefined && <span className="snapshot-mark"> {mark}</span>}
    </span>
  );
}
