import './SnapshotTitle.css';

/** A title as `useSnapshotTitles` gives it, on one line: a long name is cut, what tells versions apart is not. */
export function SnapshotTitle({ title }: { title: string }) {
  const [name, mark] = title.split(' ');
  return (
    <span className="snapshot-title" title={title}>
      <span>{name}</span>
      {mark !== undefined && <span className="snapshot-mark"> {mark}</span>}
    </span>
  );
}
