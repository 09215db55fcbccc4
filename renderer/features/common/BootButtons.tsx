import type { Snapshot } from '#shared/contract/snapshots';
import { useEngineReady } from '../../stores/engine';
import { openDialog } from '../../stores/route';
import { Button } from '../../ui/Button';
import { bootNow } from './bootNow';

interface BootButtonsProps {
  snapshot: Snapshot;
  tabIndex?: number;
  /** One of very many in sight: not the thing to do on its page. */
  isOneOfMany?: boolean;
}

/** Boot at once, or say first how. */
export function BootButtons({ snapshot, tabIndex, isOneOfMany = false }: BootButtonsProps) {
  const ready = useEngineReady() && snapshot.status === 'ready';
  return (
    <>
      <Button
        variant={isOneOfMany ? 'plain' : 'primary'}
        disabled={!ready}
        tabIndex={tabIndex}
        onClick={() => void bootNow(snapshot)}
      >
        Boot
      </Button>
      <Button
        disabled={!ready}
        tabIndex={tabIndex}
        onClick={() => openDialog({ kind: 'new-sandbox', snapshotId: snapshot.id })}
      >
        Options…
      </Button>
    </>
  );
}
