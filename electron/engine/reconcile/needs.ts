import type { ImageLayers } from '../disk';
import type { Egress } from '../egress';
import type { SandboxesRoom } from '../sandboxes';
import type { SnapshotsRoom } from '../snapshots';

export interface ReconcileNeeds {
  snapshots: Pick<SnapshotsRoom, 'snapshots' | 'containers'>;
  sandboxes: Pick<SandboxesRoom, 'sandboxes'>;
  egress: Egress;
  layers: ImageLayers;
  /** Receives errors other than the loss of Docker. */
  onError: (thrown: unknown) => void;
}
