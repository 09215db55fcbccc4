import type { LayerProgress } from '#shared/contract/tasks';

/** Event of a pull's progress stream (JSONMessage). */
export interface PullEvent {
  id?: string;
  status?: string;
  progressDetail?: { current?: number; total?: number };
  error?: string;
}

export interface PullReport {
  layers: LayerProgress[];
  bytesDone: number;
  bytesTotal: number | null;
  fraction: number | null;
}

/** Phases of a layer, each half of its progress. */
const phases = ['Downloading', 'Extracting'] as const;
const finished = new Set(['Pull complete', 'Already exists']);

/** Sums up the progress of layers. */
export class PullProgress {
  private readonly layers = new Map<string, LayerProgress>();

  add(event: PullEvent): PullReport {
    const { id, status } = event;
    // "Pulling from library/python" has the tag as its id; it is not a layer.
    if (id && status && !status.startsWith('Pulling from')) {
      const before = this.layers.get(id);
      const total = event.progressDetail?.total ?? before?.total ?? null;
      const current = finished.has(status)
        ? (total ?? 0)
        : (event.progressDetail?.current ?? before?.current ?? 0);
      this.layers.set(id, { id, status, current, total });
    }
    return this.report();
  }

  private report(): PullReport {
    const layers = [...this.layers.values()];
    const known = layers.filter((layer) => layer.total !== null);
    const bytesTotal = known.reduce((sum, layer) => sum + (layer.total ?? 0), 0);
    const bytesDone = known.reduce((sum, layer) => sum + downloaded(layer), 0);
    const share = layers.map(fractionOf);
    const fraction =
      layers.length === 0 ? null : share.reduce((sum, part) => sum + part, 0) / layers.length;
    return { layers, bytesDone, bytesTotal: known.length > 0 ? bytesTotal : null, fraction };
  }
}

function downloaded(layer: LayerProgress): number {
  return layer.status === 'Downloading' ? layer.current : (layer.total ?? 0);
}

function fractionOf(layer: LayerProgress): number {
  if (finished.has(layer.status)) return 1;
  const phase = (phases as readonly string[]).indexOf(layer.status);
  const part = layer.total ? layer.current / layer.total : 0;
  if (phase >= 0) return (phase + part) / phases.length;
  return layer.status === 'Download complete' || layer.status === 'Verifying Checksum' ? 0.5 : 0;
}
