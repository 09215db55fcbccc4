import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import pWaitFor from 'p-wait-for';
import { SandglassError } from '#shared/errors';
import { fromRegistryMessage, mapped } from '../errors';

/** Event of a build's progress stream, of either builder. */
interface BuildEvent {
  stream?: string;
  status?: string;
  id?: string;
  error?: string;
}

export interface DockerfileBuild {
  /** Build context with the Dockerfile, as a tar archive. */
  files: Readable;
  /** Path relative to the context. */
  dockerfile: string;
  buildArgs: Record<string, string>;
  target?: string;
  /** Tag of the resulting image. */
  reference: string;
  /** Labels by which an image of an interrupted build is found. */
  labels: Record<string, string>;
}

/** Line into which dockerode translates BuildKit's result. */
const builtImage = /^Built image: sha256:[0-9a-f]{64}\n$/;
/** Limit for the wait until the daemon has removed the container of a cancelled step. */
const STEP_END_TIMEOUT_MS = 15_000;
const STEP_POLL_INTERVAL_MS = 100;

/** Length of the output's end in which errors are searched, in UTF-16 code units. */
const MAX_RETAINED_OUTPUT = 2000;

/** Builds images from Dockerfiles, with BuildKit if it is the daemon's default. */
export class Builds {
  constructor(
    private readonly docker: Docker,
    private readonly hasBuildKit: boolean,
  ) {}

  /**
   * Builds a Dockerfile. Aborting the signal ends the build.
   *
   * @throws SandglassError `build_failed` with the builder's error, `registry_*`, `cancelled`
   */
  async build(
    build: DockerfileBuild,
    options: { signal: AbortSignal; onText: (text: string) => void },
  ): Promise<void> {
    const { files, dockerfile, reference, buildArgs, target, labels } = build;
    const steps = new StepImages();
    try {
      await this.run(
        files,
        { t: reference, dockerfile, buildargs: buildArgs, target, labels },
        {
          ...options,
          onText: (text) => {
            steps.read(text);
            options.onText(text);
          },
        },
      );
    } catch (thrown) {
      await this.removeSteps(steps.ids);
      throw thrown;
    }
  }

  private async run(
    context: Readable,
    options: { t: string } & Record<string, unknown>,
    { signal: cancel, onText }: { signal: AbortSignal; onText: (text: string) => void },
  ): Promise<void> {
    const subject = `The build of ${options.t}`;
    // An error of the context ends the build.
    const contextFailure = new AbortController();
    context.once('error', (error) => contextFailure.abort(error));
    const signal = AbortSignal.any([cancel, contextFailure.signal]);
    await mapped(subject, async () => {
      const stream = await this.docker.buildImage(context, {
        ...options,
        rm: true,
        forcerm: true,
        abortSignal: signal,
        ...(this.hasBuildKit ? { version: '2' as const } : {}),
      });
      let output = '';
      let failure: string | null = null;
      let hasResult = !this.hasBuildKit;
      await new Promise<void>((resolve, reject) => {
        const onAbort = () => {
          (stream as Readable).destroy();
          reject(new SandglassError('cancelled', `Cancelled: ${subject}.`));
        };
        signal.addEventListener('abort', onAbort, { once: true });
        followBuild(
          this.docker,
          stream,
          (event) => {
            const text = textOf(event);
            output = (output + text).slice(-MAX_RETAINED_OUTPUT);
            failure ??= event.error ?? null;
            hasResult ||= builtImage.test(text);
            if (text) onText(text);
          },
          (error) => {
            signal.removeEventListener('abort', onAbort);
            if (error) reject(error);
            else resolve();
          },
        );
      });
      // BuildKit's stream ends without an error in any case. A line "ERROR: …" alone is no failure: pip
      // prints such warnings.
      if (!hasResult)
        failure ??= /^ERROR: (.*)$/m.exec(output)?.[1] ?? 'The builder returned no image.';
      if (failure !== null) throw buildError(subject, failure);
    }).catch((thrown: unknown) => {
      throw contextFailure.signal.aborted ? contextFailure.signal.reason : thrown;
    });
  }

  /** Removes the untagged images that the classic builder leaves for completed steps. */
  private async removeSteps(steps: string[]): Promise<void> {
    for (const step of [...steps].reverse()) {
      const deadline = Date.now() + STEP_END_TIMEOUT_MS;
      const isSettled = async () => !(await this.isUsedByContainer(step)) || Date.now() > deadline;
      await pWaitFor(isSettled, { interval: STEP_POLL_INTERVAL_MS });
    }
  }

  /** Removes a step's image. Returns true while the container of a cancelled step prevents that. */
  private async isUsedByContainer(step: string): Promise<boolean> {
    try {
      await this.docker.getImage(step).remove();
      return false;
    } catch (thrown) {
      // An image with child images stays, without a wait.
      return /container/.test(String(thrown));
    }
  }
}

/** Parses the image ids of executed, uncached steps from the classic builder's output. */
class StepImages {
  readonly ids: string[] = [];
  private isExecuted = false;

  read(text: string): void {
    for (const line of text.split('\n')) {
      if (/^Step \d+/.test(line)) this.isExecuted = !/: FROM /i.test(line);
      else if (line.startsWith(' ---> Using cache')) this.isExecuted = false;
      else if (this.isExecuted)
        this.ids.push(...(/^ ---> ([0-9a-f]{12,})$/.exec(line)?.slice(1) ?? []));
    }
  }
}

/** Calls dockerode's followProgress, which decodes BuildKit's messages and is missing from its types. */
function followBuild(
  docker: Docker,
  stream: NodeJS.ReadableStream,
  onEvent: (event: BuildEvent) => void,
  onEnd: (error: Error | null) => void,
): void {
  const follower = docker as unknown as {
    followProgress(
      stream: NodeJS.ReadableStream,
      onEnd: (error: Error | null) => void,
      onEvent: (event: BuildEvent) => void,
    ): void;
  };
  follower.followProgress(stream, onEnd, onEvent);
}

function textOf({ stream, status, id, error }: BuildEvent): string {
  if (stream !== undefined) return stream;
  if (error !== undefined) return `${error}\n`;
  return status === undefined ? '' : `${id ? `${id}: ` : ''}${status}\n`;
}

function buildError(subject: string, message: string): SandglassError {
  return (
    fromRegistryMessage(message, { subject }) ??
    new SandglassError('build_failed', `The build failed: ${message.trim()}`, {
      hint: 'See the log in Activity for the step and its output.',
    })
  );
}
