import type { Snapshot } from '#shared/contract/snapshots';
import { useEngineReady } from '../../stores/engine';
import { openDialog } from '../../stores/route';
import { Button } from '../../ui/Button';
import { bootNow } from './bootNow';

interface BootButtonsProps {
  snapshot: Snapshot;
  tabIndex?: number;
  /** One of many on the page, so that Boot is not highlighted as the primary action. */
  isOneOfMany?: boolean;
}

/** Buttons to boot a sandbox immediately or with options. */
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
