import type { EngineContext } from '../../context';
import type { Credentials, LoginChoice } from '../../registries';
import { buildingRecord, refuseTakenTag, type SnapshotDescription } from '../newSnapshot';
import { snapshotFromImage } from '../snapshotFromImage';
import type { Snapshots } from '../snapshots';
import { type StartedSnapshot, startSnapshot } from '../snapshotTask';
import { SourceImages } from './sourceImages';

/** Builds snapshots from images. */
export class SnapshotBuilder {
  private readonly sources: SourceImages;

  constructor(
    private readonly context: EngineContext,
    private readonly snapshots: Snapshots,
    private readonly credentials: Credentials,
  ) {
    this.sources = new SourceImages(context);
  }

  /**
   * Starts to build a snapshot from an image, which is pulled if it is not in Docker.
   *
   * @throws SandglassError `engine_unreachable`, `name_taken` (the tag), `not_found` (the registry),
   * `invalid_input` (a login for another registry); later errors are the task's: `image_not_found`,
   * `image_unusable`, `registry_*`, `disk_full`
   */
  async start(
    input: SnapshotDescription & LoginChoice & { image: string },
  ): Promise<StartedSnapshot> {
    const { context, snapshots } = this;
    const { image: reference, registryId } = input;
    context.requireDocker();
    refuseTakenTag(context, input);
    const login = await this.credentials.forImage(reference, input);
    const record = buildingRecord(input, { image: reference, registryId: registryId ?? null });
    return startSnapshot(
      context,
      snapshots,
      { kind: 'snapshot.create' },
      record,
      async (control) => {
        control.step(`Looking for ${reference}`);
        return await this.sources.withImage(reference, login, control, (image) => {
          const imageDigest = image.repoDigest ?? image.imageId;
          return snapshotFromImage(context, { ...record, imageDigest }, image, control);
        });
      },
    );
  }
}
