/** A measured operation, with set-up and cleanup that are not measured. */
export interface Contender {
  name: string;
  before?: () => Promise<void>;
  run: () => Promise<unknown>;
  after?: () => Promise<void>;
}

export interface Comparison {
  what: string;
  runs: number;
  ours: { name: string; milliseconds: number };
  peers: Array<{ name: string; milliseconds: number; ratio: number }>;
}

/**
 * Measures contenders in turns, so that other load affects all alike. Discards the first turn as
 * warm-up. Returns medians in milliseconds.
 */
export async function compare(
  what: string,
  runs: number,
  ours: Contender,
  ...peers: Contender[]
): Promise<Comparison> {
  const all = [ours, ...peers];
  const times = all.map((): number[] => []);
  for (let turn = 0; turn <= runs; turn += 1) {
    for (const [index, contender] of all.entries()) {
      await contender.before?.();
      const start = performance.now();
      await contender.run();
      const time = performance.now() - start;
      await contender.after?.();
      if (turn > 0) times[index]?.push(time);
    }
  }
  const medians = times.map(median);
  const [own = 0] = medians;
  const comparison = {
    what,
    runs,
    ours: { name: ours.name, milliseconds: own },
    peers: peers.map(({ name }, index) => {
      const milliseconds = medians[index + 1] ?? 0;
      return { name, milliseconds, ratio: own / milliseconds };
    }),
  };
  for (const { name, milliseconds, ratio } of comparison.peers) {
    console.log(
      `${what}: ${own.toFixed(1)} ms, ${name} ${milliseconds.toFixed(1)} ms, ratio ${ratio.toFixed(2)}`,
    );
  }
  return comparison;
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
}
