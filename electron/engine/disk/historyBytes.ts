import type { HistoryStep } from '../docker';
import { sumOf } from './sum';

/** What an image's history says of its layers: the steps that made none have no bytes, as some layers. */
export interface ImageHistory {
  /** The first step first. */
  steps: readonly HistoryStep[];
  layerCount: number;
}

/**
 * What the first `depth` layers have together, which two images have in common and no more.
 *
 * Docker does not tell which steps made a layer. Those with bytes did, in order, so that only the empty
 * layers (a folder made, a file removed) leave a choice; of what that allows, the steps that both
 * histories begin with are taken.
 */
export function bytesInCommon(depth: number, one: ImageHistory, other: ImageHistory): number {
  const common = commonSteps(one.steps, other.steps);
  const ranges = [one, other].map((history) => possible(depth, history));
  const least = Math.max(...ranges.map(([from]) => from));
  const most = Math.min(...ranges.map(([, to]) => to));
  const count = Math.min(Math.max(sized(common).length, least), Math.max(most, least));
  return sumOf(sized(one.steps).slice(0, count), ({ sizeBytes }) => sizeBytes);
}

function sized(steps: readonly HistoryStep[]): HistoryStep[] {
  return steps.filter(({ sizeBytes }) => sizeBytes > 0);
}

/** The fewest and the most layers with bytes that there can be among the first `depth`. */
function possible(depth: number, { steps, layerCount }: ImageHistory): [number, number] {
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
