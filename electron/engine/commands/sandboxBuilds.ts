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
import type { CommandProcess } from './commandProcess';

const WHOLE_FILE = { offset: 0, length: Number.POSITIVE_INFINITY };

/** Dockerfile builds that a client requests by running a script in a sandbox. This computer's Docker builds. */
export class SandboxBuilds {
  constructor(private readonly context: EngineContext) {}

  /** Returns the build that a command requests; null for an ordinary command. */
  read(sandbox: SandboxRecord, command: string | string[]): DockerfileScript | null {
    return isBuilderName(sandbox.name) ? readDockerfileScript(command) : null;
  }

  /**
   * Starts a build as a task that the window shows and can cancel. The caller gets it as a command with
   * the builder's output on stderr and the exit code 0 or 1.
   */
  start(
    sandbox: SandboxRecord & { containerId: string },
    script: DockerfileScript,
  ): CommandProcess {
    const { tasks } = this.context;
    const output = new PassThrough();
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
          output.write(text);
        };
        await this.build(sandbox, script, { signal, onText });
      },
    );
    const exitCode = outcome.then(
      () => {
        output.end(`Loaded image: ${script.image}\n`);
        return 0;
      },
      (thrown) => {
        const { message, hint } = toSandglassError(thrown);
        output.end(`${[message, hint].filter(Boolean).join(' ')}\n`);
        return 1;
      },
    );
    return {
      stdin: new PassThrough().resume(),
      output: (isKilled) => buildOutput(output, exitCode, isKilled),
      kill: async () => {
        await tasks.cancel(task.id);
      },
      isTerminal: false,
      pid: async () => 0,
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

async function* buildOutput(
  output: AsyncIterable<Buffer>,
  exitCode: Promise<number>,
  isKilled: () => boolean,
): AsyncGenerator<CommandOutput, void, void> {
  // BuildKit's own client writes progress to stderr too.
  for await (const chunk of output) yield { stream: 'stderr', bytes: new Uint8Array(chunk) };
  if (!isKilled()) yield { exitCode: await exitCode };
}
