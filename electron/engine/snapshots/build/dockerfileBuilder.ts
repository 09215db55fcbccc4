import { stat } from 'node:fs/promises';
import { SandglassError } from '#shared/errors';
import type { EngineContext } from '../../context';
import {
  archiveContext,
  type BuildContext,
  builderLabels,
  folderContext,
  openContext,
} from '../../docker';
import { buildingRecord, refuseTakenTag, type SnapshotDescription } from '../newSnapshot';
import { snapshotFromImage } from '../snapshotFromImage';
import type { Snapshots } from '../snapshots';
import { type StartedSnapshot, startSnapshot } from '../snapshotTask';

export interface DockerfileInput extends SnapshotDescription {
  /** A folder of this computer, or a tar archive of one. */
  context: string;
  /** Relative to the context. */
  dockerfile: string;
  buildArgs: Record<string, string>;
  target?: string;
}

/** Builds snapshots from Dockerfiles. */
export class DockerfileBuilder {
  constructor(
    private readonly context: EngineContext,
    private readonly snapshots: Snapshots,
  ) {}

  /**
   * Starts to build; what the builder says goes into the task's log.
   *
   * @throws SandglassError `invalid_input` (no such context or Dockerfile), `name_taken`,
   * `engine_unreachable`; what goes wrong later is the task's: `build_failed`, `registry_*`
   */
  async start(input: DockerfileInput): Promise<StartedSnapshot> {
    const { context, snapshots } = this;
    context.requireDocker();
    refuseTakenTag(context, input);
    const openFiles = await openContext(await findContext(input.context), input.dockerfile);
    const record = buildingRecord(input, {});
    return startSnapshot(
      context,
      snapshots,
      { kind: 'snapshot.build' },
      record,
      async (control) => {
        const { builds, images } = context.docker;
        control.step('Running the Dockerfile');
        const reference = `sandglass-build/${record.id}:latest`;
        const { signal } = control;
        try {
          await builds.build(
            {
              ...input,
              files: await openFiles(),
              reference,
              labels: builderLabels({ home: context.identity, id: record.id }),
            },
            { signal, onText: (text) => control.log(text) },
          );
          const image = await images.inspect(reference);
          return await snapshotFromImage(context, record, image, control);
        } finally {
          await images.remove(reference);
        }
      },
    );
  }
}

async function findContext(path: string): Promise<BuildContext> {
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory()) return folderContext(path);
  if (found?.isFile()) return archiveContext(path);
  throw new SandglassError('invalid_input', `context: the folder ${path} does not exist.`, {
    field: 'context',
  });
}
