import type { EngineContext } from '../context';
import { os } from '../operations';
import type { SandboxesRoom } from '../sandboxes';
import { Copies } from './copies';
import { FileSearch } from './fileSearch';
import { Files } from './files';
import { Folders } from './folders';

export type { Copies } from './copies';
export type { Files } from './files';

/** Opens the room of files in sandboxes. */
export function openFiles(
  context: EngineContext,
  { sandboxes, lifetimes }: Pick<SandboxesRoom, 'sandboxes' | 'lifetimes'>,
) {
  const files = new Files(context, sandboxes, lifetimes);
  const folders = new Folders(context, files);
  const copies = new Copies(context, sandboxes, files, lifetimes);
  const search = new FileSearch(context, files, folders);
  return {
    files,
    copies,
    operations: {
      listFiles: os.sandboxes.listFiles.handler(({ input }) =>
        folders.list(input.sandbox, input.path),
      ),
      globFiles: os.sandboxes.globFiles.handler(({ input }) =>
        search.glob(input.sandbox, input.path, input.pattern, input.limit),
      ),
      grepFiles: os.sandboxes.grepFiles.handler(({ input }) =>
        search.grep(input.sandbox, input.path, input.text, input),
      ),
      makeFolder: os.sandboxes.makeFolder.handler(({ input }) =>
        files.makeFolder(input.sandbox, input.path),
      ),
      deleteFile: os.sandboxes.deleteFile.handler(({ input }) =>
        folders.delete(input.sandbox, input.path),
      ),
      upload: os.sandboxes.upload.handler(({ input: { sandbox, path, from } }) =>
        copies.upload(sandbox, path, from),
      ),
      download: os.sandboxes.download.handler(({ input: { sandbox, path, to } }) =>
        copies.download(sandbox, path, to),
      ),
    },
  };
}
