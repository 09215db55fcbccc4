import type { HistoryStep } from '../docker';
import { sumOf } from './sum';

/** History of an image. Steps without a layer have 0 bytes, and so do some layers. */
export interface ImageHistory {
  /** Build steps, the first one first. */
  steps: readonly HistoryStep[];
  layerCount: number;
}

/**
 * Estimates the total bytes of the first `depth` layers, which are all that two images have in common.
 *
 * Docker does not report which steps created a layer. Steps with bytes did, in order; only empty layers
 * (a new folder, a removed file) are ambiguous. Within that range, the common steps at the start of
 * both histories decide.
 */
export function bytesInCommon(depth: number, one: ImageHistory, other: ImageHistory): number {
  const common = commonSteps(one.steps, other.steps);
  const ranges = [one, other].map((history) => sizedRange(depth, history));
  const min = Math.max(...ranges.map(([from]) => from));
  const max = Math.min(...ranges.map(([, to]) => to));
  const count = Math.min(Math.max(sized(common).length, min), Math.max(max, min));
  return sumOf(sized(one.steps).slice(0, count), ({ sizeBytes }) => sizeBytes);
}

function sized(steps: readonly HistoryStep[]): HistoryStep[] {
  return steps.filter(({ sizeBytes }) => sizeBytes > 0);
}

/** Returns the minimum and maximum number of layers with bytes among the first `depth`. */
function sizedRange(depth: number, { steps, layerCount }: ImageHistory): [number, number] {
  const withBytes = sized(steps).length;
  const empty = Math.max(0, layerCount - withBytes);
  return [Math.max(0, depth - empty), Math.min(depth, withBytes)];
}

function commonSteps(one: readonly HistoryStep[], other: readonly HistoryStep[]): HistoryStep[] {
  const differs = one.findIndex(
    ({ key, sizeBytes }, index) =>
      key !== other[index]?.key || sizeBytes !== other[index]?.sizeBytes,
  );
  return differs < 0 ? [...one] : one.slice(0, differs);
}
