import { posix } from 'node:path';
import type { LeftOut } from '#shared/contract/schemas/capturePreview';
import type { SandboxRecord } from '../catalog';
import type { CommandSessions } from '../commands';
import type { EngineContext } from '../context';
import { tmpVolumeName } from '../sandboxes';
import type { Terminals } from '../terminals';

/** What no capture of a sandbox keeps, with its bytes when the daemon has counted them. */
export class LeftOutParts {
  private constructor(
    private readonly tmpVolume: string,
    private readonly mounts: Array<{ volume: string | null; path: string }>,
    private readonly others: Pick<LeftOut, 'processes' | 'terminalCount' | 'commandCount'>,
  ) {}

  static async find(
    { docker: { containers, filesystems } }: EngineContext,
    sandbox: SandboxRecord & { containerId: string },
    terminals: Terminals,
    commands: CommandSessions,
  ): Promise<LeftOutParts> {
    const [mounts, processes, sessions] = await Promise.all([
      filesystems.mounts(sandbox.containerId),
      containers.processes(sandbox.containerId),
      commands.list(sandbox.id),
    ]);
    const tmpVolume = tmpVolumeName(sandbox.id);
    const running = terminals
      .list()
      .filter(({ sandboxId, state }) => sandboxId === sandbox.id && state === 'running');
    return new LeftOutParts(
      tmpVolume,
      mounts.filter(({ volume }) => volume !== tmpVolume),
      {
        processes: byProgram(processes.map(({ command }) => command)),
        terminalCount: running.length,
        commandCount: sessions.filter(({ outcome }) => outcome === null).length,
      },
    );
  }

  describe(volumeSizes: ReadonlyMap<string, number>): LeftOut {
    const sizeOf = (volume: string | null) => volumeSizes.get(volume ?? '') ?? null;
    const mounts = this.mounts.map(({ volume, path }) => ({ path, sizeBytes: sizeOf(volume) }));
    return { tmpBytes: sizeOf(this.tmpVolume), mounts, ...this.others };
  }
}

function byProgram(commands: string[]): LeftOut['processes'] {
  const counts = new Map<string, number>();
  for (const command of commands) {
    // A login shell's name begins with a dash.
    const name = posix.basename(command.split(' ', 1)[0] ?? '').replace(/^-/, '');
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}
