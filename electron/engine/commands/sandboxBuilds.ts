import { PassThrough } from 'node:stream';
import { toSandglassError } from '#shared/errors';
import type { SandboxRecord } from '../catalog';
import type { EngineContext } from '../context';
import { builtLabels, openContext, tarContext } from '../docker';
import {
  builtImageReference,
  type DockerfileScript,
  isBuilderName,
  readDockerfileScript,
} from '../sandboxes';
import type { CommandOutput } from './commandOutput';
import type { SessionProcess } from './commandSession';

const WHOLE_FILE = { offset: 0, length: Number.POSITIVE_INFINITY };

/** Dockerfile builds that a client asks for by a script in a sandbox: this computer's Docker does them. */
export class SandboxBuilds {
  constructor(private readonly context: EngineContext) {}

  /** The build that a command stands for; null for an ordinary command. */
  read(sandbox: SandboxRecord, command: string | string[]): DockerfileScript | null {
    return isBuilderName(sandbox.name) ? readDockerfileScript(command) : null;
  }

  /**
   * Starts a build, as a task that the window shows and can cancel. To the caller it is a command: its
   * output is what the builder says, its exit code tells how it ended.
   */
  start(
    sandbox: SandboxRecord & { containerId: string },
    script: DockerfileScript,
  ): SessionProcess {
    const { tasks } = this.context;
    const said = new PassThrough();
    const { task, outcome } = tasks.start(
      {
        kind: 'snapshot.build',
        subject: sandbox.name,
        sandboxId: sandbox.id,
        cancellable: true,
      },
      async ({ signal, step, log }) => {
        step('Running the Dockerfile');
        const onText = (text: string) => {
          log(text);
          said.write(text);
        };
        await this.build(sandbox, script, { signal, onText });
      },
    );
    const exitCode = outcome.then(
      () => {
        said.end(`Loaded image: ${script.image}\n`);
        return 0;
      },
      (thrown) => {
        const { message, hint } = toSandglassError(thrown);
        said.end(`${[message, hint].filter(Boolean).join(' ')}\n`);
        return 1;
      },
    );
    return {
      stdin: new PassThrough().resume(),
      output: (isEnded) => commandOutputOf(said, exitCode, isEnded),
      kill: async () => {
        await tasks.cancel(task.id);
      },
      isTerminal: false,
      pid: 0,
    };
  }

  private async build(
    { id, containerId }: SandboxRecord & { containerId: string },
    script: DockerfileScript,
    options: { signal: AbortSignal; onText: (text: string) => void },
  ): Promise<void> {
    const { archive, builds } = this.context.docker;
    const context = tarContext(() => archive.readStream(containerId, script.archive, WHOLE_FILE));
    const openFiles = await openContext(context, script.dockerfile);
    await builds.build(
      {
        ...script,
        files: await openFiles(),
        reference: builtImageReference(id, script.image),
        labels: builtLabels({ home: this.context.identity, id }),
      },
      options,
    );
  }
}

async function* commandOutputOf(
  said: AsyncIterable<Buffer>,
  exitCode: Promise<number>,
  isEnded: () => boolean,
): AsyncGenerator<CommandOutput, void, void> {
  // BuildKit's own client tells its progress there too.
  for await (const chunk of said) yield { type: 'stderr', bytes: new Uint8Array(chunk) };
  if (!isEnded()) yield { type: 'exit', exitCode: await exitCode };
}
