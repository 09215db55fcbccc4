import { cpus, totalmem } from 'node:os';
import { formatBytes } from '#shared/format';
import type { Comparison } from './measure';

export interface Machine {
  dockerVersion: string;
  storageDriver: string;
}

/** Renders the report of a run. */
export function report(comparisons: Comparison[], machine: Machine): string {
  const rows = comparisons.flatMap(({ what, runs, ours, peers }) =>
    peers.map(
      (peer, index) =>
        `| ${index === 0 ? what : ''} | ${index === 0 ? time(ours.milliseconds) : ''} | ${peer.name} | ${time(peer.milliseconds)} | ${peer.ratio.toFixed(2)} | ${index === 0 ? runs : ''} |`,
    ),
  );
  return `# Benchmarks

Written by \`npm run bench\`. Each row is one run on one machine: Sandglass and its peer alternate, and
the figures are medians. A ratio below 1 means that Sandglass was faster. Between machines or days, compare
ratios, not times.

${cpus().length} × ${cpus()[0]?.model.trim()}, ${formatBytes(totalmem())} of memory, Docker
${machine.dockerVersion} on ${machine.storageDriver}, Node ${process.versions.node},
${new Date().toISOString().slice(0, 10)}.

| what | Sandglass | beside | its time | ratio | runs |
| --- | ---: | --- | ---: | ---: | ---: |
${rows.join('\n')}

The \`docker\` command starts a process for each call (20 to 50 ms), the engine does not. The engine does
more: a boot creates the volume for \`/tmp\` and a row in the catalog, and each command gets a process tag, so
that a timeout leaves no process. Slower by design: a file is replaced by a second one that is renamed over
it, so that a full disk keeps the old one (the rename is a command in the sandbox), and a list is validated
against the contract before it is returned.
`;
}

function time(milliseconds: number): string {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(2)} s`;
  return `${milliseconds.toFixed(milliseconds < 10 ? 2 : 0)} ms`;
}
