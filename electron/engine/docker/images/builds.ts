import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import pWaitFor from 'p-wait-for';
import { SandglassError } from '#shared/errors';
import { fromRegistryMessage, mapped } from '../errors';

/** What a builder says, line by line. */
interface BuildEvent {
  stream?: string;
  status?: string;
  id?: string;
  error?: string;
}

export interface DockerfileBuild {
  /** What the Dockerfile may copy from, and itself, as a tar archive. */
  files: Readable;
  /** Relative to the context. */
  dockerfile: string;
  buildArgs: Record<string, string>;
  target?: string;
  /** The tag that the result gets. */
  reference: string;
  /** They say whose it is, so that what a crash leaves can be found. */
  labels: Record<string, string>;
}

/** What dockerode makes of BuildKit's last word. */
const builtImage = /^Built image: sha256:[0-9a-f]{64}\n$/;
/** The daemon kills a cancelled step's container, which takes a moment. Milliseconds. */
const STEP_END_MS = 15_000;
const STEP_POLL_INTERVAL_MS = 100;

/** Builds images from Dockerfiles, with BuildKit where the daemon has made it its default. */
export class Builds {
  constructor(
    private readonly docker: Docker,
    private readonly hasBuildKit: boolean,
  ) {}

  /**
   * Runs a Dockerfile. Aborting ends the build.
   *
   * @throws SandglassError `build_failed` with what the builder said, `registry_*`, `cancelled`
   */
  async build(
    build: DockerfileBuild,
    options: { signal: AbortSignal; onText: (text: string) => void },
  ): Promise<void> {
    const { files, dockerfile, reference, buildArgs, target, labels } = build;
    const steps = new StepLayers();
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
      await this.removeSteps(steps.made);
      throw thrown;
    }
  }

  private async run(
    context: Readable,
    options: { t: string } & Record<string, unknown>,
    { signal: cancel, onText }: { signal: AbortSignal; onText: (text: string) => void },
  ): Promise<void> {
    const subject = `The build of ${options.t}`;
    // A context that breaks off ends the build, with its own reason.
    const broken = new AbortController();
    context.once('error', (error) => broken.abort(error));
    const signal = AbortSignal.any([cancel, broken.signal]);
    await mapped(subject, async () => {
      const stream = await this.docker.buildImage(context, {
        ...options,
        rm: true,
        forcerm: true,
        abortSignal: signal,
        ...(this.hasBuildKit ? { version: '2' as const } : {}),
      });
      let said = '';
      let failure: string | null = null;
      let isMade = !this.hasBuildKit;
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
            said = (said + text).slice(-2000);
            failure ??= event.error ?? null;
            isMade ||= builtImage.test(text);
            if (text) onText(text);
          },
          (error) => {
            signal.removeEventListener('abort', onAbort);
            if (error) reject(error);
            else resolve();
          },
        );
      });
      // BuildKit's stream ends well whatever became of the build. Its "ERROR: …" alone tells nothing: so
      // begin warnings of pip.
      if (!isMade) failure ??= /^ERROR: (.*)$/m.exec(said)?.[1] ?? 'The builder told no image.';
      if (failure !== null) throw buildError(subject, failure);
    }).catch((thrown: unknown) => {
      throw broken.signal.aborted ? broken.signal.reason : thrown;
    });
  }

  /** The classic builder leaves the steps that went well as images without a name. */
  private async removeSteps(steps: string[]): Promise<void> {
    for (const step of [...steps].reverse()) {
      const deadline = Date.now() + STEP_END_MS;
      const isSettled = async () => !(await this.isHeldByContainer(step)) || Date.now() > deadline;
      await pWaitFor(isSettled, { interval: STEP_POLL_INTERVAL_MS });
    }
  }

  /** Removes a step's image, unless the container of a cancelled step has not ended yet. */
  private async isHeldByContainer(step: string): Promise<boolean> {
    try {
      await this.docker.getImage(step).remove();
      return false;
    } catch (thrown) {
      // One that another image is based on stays, and has nothing to wait for.
      return /container/.test(String(thrown));
    }
  }
}

/** Reads the ids of the layers that a build has made from what the classic builder says. */
class StepLayers {
  readonly made: string[] = [];
  private ran = false;

  read(text: string): void {
    for (const line of text.split('\n')) {
      if (/^Step \d+/.test(line)) this.ran = !/: FROM /i.test(line);
      else if (line.startsWith(' ---> Using cache')) this.ran = false;
      else if (this.ran) this.made.push(...(/^ ---> ([0-9a-f]{12,})$/.exec(line)?.slice(1) ?? []));
    }
  }
}

/** dockerode's own follower, which decodes BuildKit's messages; its types lack it. */
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
      hint: 'The log in Activity shows the step and its output.',
    })
  );
}
