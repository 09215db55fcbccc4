import { mkdir, stat } from 'node:fs/promises';
import { basename, dirname, posix, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import tarFs from 'tar-fs';
import { type FileStatWire, fileStatWire } from '../../api/wire/files';
import { type ApiClient, segment } from '../api/client';
import { Failure } from '../failure';
import { printJson } from '../output';
import { withJson } from './options';

/** A path on either side of a copy. */
type Place = { box: string; path: string } | { box: null; path: string };

/**
 * `cp`, with the semantics of `docker cp`: a target that does not exist is the name of the copy; a
 * folder receives it.
 */
export function addCopyCommand(program: Command, api: ApiClient): void {
  withJson(program.command('cp'))
    .description('copy a file or folder into or out of a sandbox')
    .argument('<from>', 'local path or sandbox:path; "folder/." copies only the contents')
    .argument('<to>', 'local path or sandbox:path')
    .action(async (from: string, to: string, { json }: { json?: boolean }) => {
      const [source, target] = [placeOf(from), placeOf(to)];
      if (source.box === null && target.box !== null) await copyIn(api, source.path, target);
      else if (source.box !== null && target.box === null) await copyOut(api, source, target.path);
      else
        throw new Failure(
          'Exactly one of the two paths must be in a sandbox, written as sandbox:path.',
        );
      if (json) await printJson({ from, to });
    });
}

/** Parses `name:path`. A slash before the colon or a drive letter makes it a local path. */
function placeOf(text: string): Place {
  const [, box, path] = /^([^/\\:]+):(.*)$/s.exec(text) ?? [];
  const isDrive = process.platform === 'win32' && box?.length === 1;
  if (box === undefined || path === undefined || isDrive) return { box: null, path: text };
  if (path === '')
    throw new Failure(`${text}: the path after the colon is missing, e.g. ${box}:/opt.`);
  return { box, path };
}

interface Box {
  box: string;
  path: string;
}

/** @throws Failure if the source does not exist or conflicts with the target */
async function copyIn(api: ApiClient, from: string, { box, path }: Box): Promise<void> {
  const source = resolve(from);
  const found = await stat(source).catch(() => null);
  if (!found) throw new Failure(`${from} does not exist.`);
  const there = await statInBox(api, box, path);
  const { folder, name } = targetOf({
    isFolder: found.isDirectory(),
    name: isContents(from) ? null : basename(source),
    path,
    there: there && (there.kind === 'directory' ? 'folder' : 'file'),
  });
  const pack = tarFs.pack(found.isDirectory() ? source : dirname(source), {
    entries: found.isDirectory() ? undefined : [basename(source)],
    // A symbolic link named as the source is followed; links inside a folder are copied as links.
    // Pipes and devices are skipped.
    dereference: !found.isDirectory(),
    strict: false,
    map: (header) => ({ ...header, name: renamed(header.name, found.isDirectory(), name) }),
  });
  await api.call(`/${segment(box)}/archive`, {
    method: 'PUT',
    query: { path: folder },
    headers: { 'content-type': 'application/x-tar' },
    body: Readable.from(pack as unknown as AsyncIterable<Uint8Array>, { objectMode: false }),
  });
}

async function copyOut(api: ApiClient, { box, path }: Box, to: string): Promise<void> {
  const found = await statInBox(api, box, path);
  if (!found) throw new Failure(`${box}:${path} does not exist.`);
  const isFolder = found.kind === 'directory';
  const there = await stat(resolve(to)).catch(() => null);
  const { folder, name } = targetOf({
    isFolder,
    // The name as given, regardless of where a link points.
    name: isContents(path) ? null : posix.basename(path) || null,
    path: to,
    there: there && (there.isDirectory() ? 'folder' : 'file'),
  });
  const into = resolve(folder);
  await mkdir(into, { recursive: true });
  const archive = await api.stream(`/${segment(box)}/archive`, { query: { path } });
  // Files are owned by the current user; devices are skipped. Links are not validated, as a project
  // may contain links to anywhere, but extraction never writes through a link.
  const extract = tarFs.extract(into, {
    chown: false,
    validateSymlinks: false,
    ignore: (_name, header) => isSpecial(header?.type),
    map: (header) => ({
      ...header,
      name: withoutFirst(header.name, name),
      ...(isHardLink(header) ? { linkname: withoutFirst(header.linkname, name) } : {}),
    }),
  } as tarFs.ExtractOptions);
  await pipeline(archive, extract);
}

function statInBox(api: ApiClient, box: string, path: string): Promise<FileStatWire | null> {
  return api
    .json(`/${segment(box)}/stat`, fileStatWire, { query: { path } })
    .catch((thrown: unknown) => {
      if (thrown instanceof Failure && thrown.type === 'FileNotFound') return null;
      throw thrown;
    });
}

/** True if the contents of a folder are meant, not the folder. */
function isContents(path: string): boolean {
  return /(^|[/\\])\.$/.test(path);
}

/**
 * Determines the folder to copy into and the name of the copy; a null name copies a folder's
 * contents into it.
 *
 * @throws Failure for copying a folder onto a file
 */
function targetOf({
  isFolder,
  name,
  path,
  there,
}: {
  isFolder: boolean;
  name: string | null;
  path: string;
  there: 'file' | 'folder' | null;
}): { folder: string; name: string | null } {
  if (there === 'folder') return { folder: path, name };
  if (isFolder && there === 'file')
    throw new Failure(`${path} is a file; a folder cannot replace it.`);
  if (isFolder) return { folder: path, name: null };
  if (/[/\\]$/.test(path)) {
    if (there === 'file') throw new Failure(`${path} is a file, not a folder.`);
    return { folder: path, name };
  }
  return { folder: posix.dirname(path), name: posix.basename(path) };
}

/** Renames an entry for upload. */
function renamed(name: string, isFolder: boolean, as: string | null): string {
  if (as === null) return name;
  return isFolder ? posix.join(as, name) : as;
}

/** Renames a downloaded entry: replaces the first component, the name of the copied item. */
function withoutFirst(name: string, as: string | null): string {
  const rest = posix.normalize(name).split('/').filter(Boolean).slice(1);
  return posix.join(as ?? '.', ...rest);
}

/** Hard link; `linkname` is missing in the type declarations. */
function isHardLink(header: tarFs.Headers): header is tarFs.Headers & { linkname: string } {
  return header.type === 'link' && 'linkname' in header;
}

function isSpecial(type: string | null | undefined): boolean {
  return type === 'character-device' || type === 'block-device' || type === 'fifo';
}
