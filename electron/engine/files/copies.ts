import { lstat } from 'node:fs/promises';
import { basename, dirname, posix, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import type { Task, TaskKind } from '#shared/contract/tasks';
import { SandglassError } from '#shared/errors';
import type { EngineContext } from '../context';
import { findAccount, requireFile } from '../docker';
import { copyOut, requireHostFolder, tempName } from '../host';
import type { Lifetimes, Sandboxes } from '../sandboxes';
import type { TaskControl } from '../tasks';
import type { Files } from './files';

/** Copies files and whole folders between this computer and a sandbox. */
export class Copies {
  constructor(
    private readonly context: EngineContext,
    private readonly sandboxes: Sandboxes,
    private readonly files: Files,
    private readonly lifetimes: Lifetimes,
  ) {}

  /**
   * Starts to copy a file or folder into a folder of a sandbox, which is created if missing. Modes are
   * kept; the sandbox's user owns the copy. A file replaces an existing one atomically, a folder is
   * merged into an existing one. A failed or cancelled copy removes what it has created.
   *
   * @throws SandglassError `invalid_input` (`from` does not exist), `not_found`, `not_a_directory`,
   * `not_a_file`
   */
  async upload(reference: string, path: string, from: string): Promise<{ task: Task }> {
    const source = resolve(from);
    const found = await lstat(source).catch(() => null);
    if (!found) {
      throw new SandglassError('invalid_input', `from: ${from} does not exist.`, { field: 'from' });
    }
    await this.files.makeFolder(reference, path);
    const { containerId, path: folder } = await this.files.requireFolder(reference, path);
    const { user } = await this.files.locate(reference);
    const name = basename(source);
    const { archive } = this.context.docker;
    const target = posix.join(folder, name);
    const existing = await archive.stat(containerId, target);
    const isFile = !found.isDirectory();
    if (existing && isFile) requireFile(existing, target);
    return this.start('files.upload', reference, name, async (control, onBytes) => {
      control.step(`Copying ${source} to ${folder}`);
      const owner = await findAccount(archive, containerId, user);
      const arriving = existing && isFile ? tempName() : name;
      try {
        await archive.upload(
          containerId,
          { folder, name: arriving, owner },
          { parent: dirname(source), name },
          { signal: control.signal, onBytes },
        );
        if (arriving !== name) {
          await this.files.replace(containerId, posix.join(folder, arriving), target);
        }
      } catch (thrown) {
        if (!existing || arriving !== name) {
          await this.files.discard(containerId, posix.join(folder, arriving));
        }
        throw thrown;
      }
    });
  }

  /**
   * Starts to copy a file or folder of a sandbox into a folder of this computer, under a name that does
   * not exist there.
   *
   * @throws SandglassError `invalid_input` (`to` does not exist), `not_found`, `file_not_found`
   */
  async download(reference: string, path: string, to: string): Promise<{ task: Task }> {
    const folder = await requireHostFolder(to);
    const found = await this.files.stat(reference, path);
    const { containerId } = await this.files.locate(reference);
    const name = posix.basename(found.path) || this.sandboxes.resolve(reference).name;
    return this.start('files.download', reference, name, async (control, onBytes) => {
      control.step(`Copying ${found.path} to ${folder}`);
      const { docker, tempFiles } = this.context;
      const packed = await docker.archive.pack(containerId, found.path);
      const { signal } = control;
      const saved = await copyOut(tempFiles, packed, { folder, name }, { signal, onBytes });
      control.outcome(`Saved as ${saved}`);
    });
  }

  /**
   * Streams a file or folder as a tar archive. Follows a symbolic link.
   *
   * @throws SandglassError `not_found`, `file_not_found`
   */
  async pack(reference: string, path: string): Promise<Readable> {
    const found = await this.files.statBehindLinks(reference, path);
    const { containerId } = await this.files.locate(reference);
    return await this.context.docker.archive.pack(containerId, found.path);
  }

  /**
   * Unpacks a tar archive into a folder, which is created if missing. Modes are kept; the sandbox's user
   * owns the files.
   *
   * @throws SandglassError `invalid_input` (not an archive), `not_found`, `not_a_directory`, `disk_full`
   */
  async unpack(reference: string, path: string, archive: Readable): Promise<void> {
    const { id } = this.sandboxes.resolve(reference);
    await this.lifetimes.during(id, async () => {
      await this.files.makeFolder(reference, path);
      const { containerId, path: folder } = await this.files.requireFolder(reference, path);
      const { user } = await this.files.locate(reference);
      const owner = await findAccount(this.context.docker.archive, containerId, user);
      await this.context.docker.archive.unpack(containerId, folder, archive, owner);
    });
  }

  private start(
    kind: TaskKind,
    reference: string,
    subject: string,
    copy: (control: TaskControl, onBytes: (bytes: number) => void) => Promise<void>,
  ): { task: Task } {
    const { id } = this.sandboxes.resolve(reference);
    const { task } = this.context.tasks.start(
      { kind, subject, sandboxId: id, cancellable: true },
      async (control) => {
        let bytesDone = 0;
        const onBytes = (bytes: number) => {
          bytesDone += bytes;
          control.progress({ bytesDone });
        };
        await this.lifetimes.during(id, () => copy(control, onBytes));
      },
    );
    return { task };
  }
}
