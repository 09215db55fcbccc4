import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-stream';
import { z } from 'zod';
import { labelsSchema } from '#shared/contract/fields';
import { ancestorSchema } from '#shared/contract/snapshots';
import { SandglassError } from '#shared/errors';
import { tarEntries } from '../../docker';

/**
 * Format of an exported snapshot: a `docker save` archive, which `docker load` also reads, with the
 * snapshot's description as the first entry and the SHA-256 of every other entry as the last one.
 */
const DESCRIPTION = 'sandglass.json';
const CHECKSUMS = 'sandglass.sha256.json';

const descriptionSchema = z.object({
  format: z.literal(1),
  id: z.uuid(),
  name: z.string(),
  tag: z.string().nullable(),
  note: z.string(),
  labels: labelsSchema,
  image: z.string().nullable(),
  imageDigest: z.string().nullable(),
  sourceSandboxId: z.string().nullable(),
  sourceSandboxName: z.string().nullable(),
  parentSnapshotId: z.string().nullable(),
  /** Absent from files of early versions. */
  ancestors: z.array(ancestorSchema).default([]),
  fsCapacityBytes: z.number().nullable(),
  createdAt: z.number(),
});
export type SnapshotDescriptionInFile = z.infer<typeof descriptionSchema>;

export type ArchiveKind = 'sandglass' | 'docker' | 'filesystem';

/** Cancels a transfer, and receives the bytes of each chunk. */
interface TransferOptions {
  signal: AbortSignal;
  onBytes(bytes: number): void;
}

/** Writes an archive. After a failure or abort, the caller removes the file. */
export async function writeArchive(
  file: string,
  description: SnapshotDescriptionInFile,
  saved: Readable,
  { signal, onBytes }: TransferOptions,
): Promise<void> {
  const pack = tar.pack();
  const writing = pipeline(pack, createWriteStream(file, { mode: 0o600 }));
  // A write error, e.g. a full disk, also ends the read.
  writing.catch(() => saved.destroy());
  // Ends a read that waits for Docker.
  const stop = () => saved.destroy(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    await addEntry(pack, { name: DESCRIPTION }, JSON.stringify(description));
    const sums: Record<string, string> = { [DESCRIPTION]: sha256(JSON.stringify(description)) };
    for await (const entry of tarEntries(saved)) {
      signal.throwIfAborted();
      const { name, type, size } = entry.header;
      if (type !== 'file') {
        await addEntry(pack, entry.header, '');
        continue;
      }
      const hash = createHash('sha256');
      const observed = tap(entry as AsyncIterable<Buffer>, (chunk) => {
        hash.update(chunk);
        onBytes(chunk.length);
      });
      const target = pack.entry({ ...entry.header, size }) as unknown as Writable;
      await pipeline(observed, target, { signal });
      sums[name] = hash.digest('hex');
    }
    await addEntry(pack, { name: CHECKSUMS }, JSON.stringify(sums));
    pack.finalize();
    await writing;
  } catch (thrown) {
    pack.destroy();
    saved.destroy();
    await writing.catch(() => {});
    signal.throwIfAborted();
    throw thrown;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/**
 * Reads the description from a file's first entry; null when the file has none.
 *
 * @throws SandglassError `invalid_input` (no such file, not a tar archive, or of a newer version)
 */
export async function readDescription(file: string): Promise<SnapshotDescriptionInFile | null> {
  const found = await stat(file).catch(() => null);
  if (!found?.isFile()) {
    throw new SandglassError('invalid_input', `file: ${file} does not exist.`, { field: 'file' });
  }
  const stream = createReadStream(file);
  try {
    for await (const entry of tarEntries(stream)) {
      if (entry.header.name !== DESCRIPTION) return null;
      return parse(await buffer(entry), file);
    }
    return null;
  } catch (thrown) {
    throw unreadable(file, thrown);
  } finally {
    stream.destroy();
  }
}

/**
 * Reads a whole file to determine its kind and to verify its checksums.
 *
 * @throws SandglassError `checksum_mismatch`, `invalid_input` (not an archive of any known kind)
 */
export async function verifyArchive(
  file: string,
  { signal, onBytes }: TransferOptions,
): Promise<ArchiveKind> {
  const sums = new Map<string, string>();
  const folders = new Set<string>();
  let expected: Record<string, string> | null = null;
  const stream = createReadStream(file, { signal });
  try {
    for await (const entry of tarEntries(stream)) {
      const { name, type } = entry.header;
      folders.add(name.replace(/^\.?\//, '').split('/')[0] ?? '');
      if (name === CHECKSUMS) {
        expected = JSON.parse((await buffer(entry)).toString('utf8'));
        continue;
      }
      const hash = createHash('sha256');
      for await (const chunk of entry as AsyncIterable<Buffer>) {
        hash.update(chunk);
        onBytes(chunk.length);
      }
      if (type === 'file') sums.set(name, hash.digest('hex'));
    }
  } catch (thrown) {
    if (signal.aborted) throw new SandglassError('cancelled', 'Cancelled.');
    if (sums.has(DESCRIPTION)) throw mismatch(file);
    throw unreadable(file, thrown);
  } finally {
    stream.destroy();
  }
  if (sums.has(DESCRIPTION)) {
    const same =
      expected !== null &&
      Object.keys(expected).length === sums.size &&
      [...sums].every(([name, sum]) => expected?.[name] === sum);
    if (!same) throw mismatch(file);
    return 'sandglass';
  }
  if (sums.has('manifest.json') || sums.has('index.json')) return 'docker';
  if (['bin', 'usr', 'etc'].some((folder) => folders.has(folder))) return 'filesystem';
  throw unreadable(file, null);
}

async function* tap(
  chunks: AsyncIterable<Buffer>,
  onChunk: (chunk: Buffer) => void,
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    onChunk(chunk);
    yield chunk;
  }
}

function addEntry(
  pack: tar.Pack,
  header: Partial<tar.Header> & { name: string },
  text: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    pack.entry(header, text, (error) => (error ? reject(error) : resolve()));
  });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function parse(bytes: Buffer, file: string): SnapshotDescriptionInFile {
  const parsed = descriptionSchema.safeParse(JSON.parse(bytes.toString('utf8')));
  if (parsed.success) return parsed.data;
  throw new SandglassError(
    'invalid_input',
    `file: ${file} was exported by another version of Sandglass.`,
    {
      field: 'file',
      hint: 'Update Sandglass.',
    },
  );
}

function mismatch(file: string): SandglassError {
  return new SandglassError(
    'checksum_mismatch',
    `${file} is damaged: its contents do not match its checksums.`,
    { field: 'file', hint: 'Copy it again, or export the snapshot again.' },
  );
}

function unreadable(file: string, thrown: unknown): SandglassError {
  if (thrown instanceof SandglassError) return thrown;
  return new SandglassError(
    'invalid_input',
    `file: ${file} is not a snapshot, image or filesystem archive.`,
    {
      field: 'file',
      hint: 'Choose a file that was exported by Sandglass, "docker save" or "docker export".',
      cause: thrown,
    },
  );
}
