import { Shrink } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { Snapshot } from '#shared/contract/snapshots';
import { readLineage } from '#shared/lineage';
import { lineageTree } from '#shared/lineageTree';
import { useSandboxes } from '../../../stores/sandboxes';
import { useSnapshots } from '../../../stores/snapshots';
import { IconButton } from '../../../ui/Button';
import { LineageView } from '../lineage/LineageView';
import { layOut } from '../lineage/lineageLayout';
import { useLineageView } from '../lineage/lineageView';
import '../lineage/lineage.css';

/** Tree of a snapshot's ancestors, descendants and sandboxes. */
export function LineageTab({ snapshot }: { snapshot: Snapshot }) {
  const snapshots = useSnapshots(({ items }) => items);
  const sandboxes = useSandboxes(({ items }) => items);
  const extra = useLineageView((view) => view.extra);
  const [fits, setFits] = useState(false);
  const lineage = useMemo(() => readLineage(snapshots), [snapshots]);
  const layout = useMemo(
    () => layOut(lineageTree(lineage, sandboxes, snapshot.id, extra)),
    [lineage, sandboxes, snapshot.id, extra],
  );
  return (
    <div className="lineage">
      <div className="lineage-bar">
        <p className="soft">
          <kbd>←</kbd> <kbd>↑</kbd> <kbd>↓</kbd> <kbd>→</kbd> walk · <kbd>Enter</kbd> open ·{' '}
          <kbd>B</kbd> boot · <kbd>C</kbd> compare
        </p>
        <IconButton label="Fit to view" aria-pressed={fits} onClick={() => setFits(!fits)}>
          <Shrink size={16} />
        </IconButton>
      </div>
      <LineageView layout={layout} currentId={snapshot.id} fits={fits} />
    </div>
  );
}
