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
import { buildReference } from '../snapshotImage';
import type { Snapshots } from '../snapshots';
import { type StartedSnapshot, startSnapshot } from '../snapshotTask';

export interface DockerfileInput extends SnapshotDescription {
  /** Path of a folder of this computer, or of a tar archive. */
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
   * Starts to build a Dockerfile; the builder's output goes to the task's log.
   *
   * @throws SandglassError `invalid_input` (no such context or Dockerfile), `name_taken`,
   * `engine_unreachable`; later errors are the task's: `build_failed`, `registry_*`
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
        const reference = buildReference(record);
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
