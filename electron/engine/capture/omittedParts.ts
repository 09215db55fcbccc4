import { posix } from 'node:path';
import type { LeftOut } from '#shared/contract/schemas/capturePreview';
import type { CommandSessions } from '../commands';
import type { EngineContext } from '../context';
import { tmpVolumeName } from '../sandboxes';
import type { Terminals } from '../terminals';
import type { CreatedSandbox } from './createdSandbox';

/** Parts of a sandbox that no capture contains: `/tmp`, mounts, processes, terminals and commands. */
export class OmittedParts {
  private constructor(
    private readonly tmpVolume: string,
    private readonly mounts: Array<{ volume: string | null; path: string }>,
    private readonly processes: Pick<LeftOut, 'processes' | 'terminalCount' | 'commandCount'>,
  ) {}

  static async find(
    { docker: { containers, filesystems } }: EngineContext,
    sandbox: CreatedSandbox,
    terminals: Terminals,
    commands: CommandSessions,
  ): Promise<OmittedParts> {
    const [mounts, processes, sessions] = await Promise.all([
      filesystems.mounts(sandbox.containerId),
      containers.processes(sandbox.containerId),
      commands.list(sandbox.id),
    ]);
    const tmpVolume = tmpVolumeName(sandbox.id);
    const running = terminals
      .list()
      .filter(({ sandboxId, state }) => sandboxId === sandbox.id && state === 'running');
    return new OmittedParts(
      tmpVolume,
      mounts.filter(({ volume }) => volume !== tmpVolume),
      {
        processes: byProgram(processes.map(({ command }) => command)),
        terminalCount: running.length,
        commandCount: sessions.filter(({ outcome }) => outcome === null).length,
      },
    );
  }

  /** @param volumeSizes bytes by volume name; unknown sizes are null in the result */
  describe(volumeSizes: ReadonlyMap<string, number>): LeftOut {
    const sizeOf = (volume: string | null) => volumeSizes.get(volume ?? '') ?? null;
    const mounts = this.mounts.map(({ volume, path }) => ({ path, sizeBytes: sizeOf(volume) }));
    return { tmpBytes: sizeOf(this.tmpVolume), mounts, ...this.processes };
  }
}

function byProgram(commands: string[]): LeftOut['processes'] {
  const counts = new Map<string, number>();
  for (const command of commands) {
    // The argv[0] of a login shell begins with a dash.
    const name = posix.basename(command.split(' ', 1)[0] ?? '').replace(/^-/, '');
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}
