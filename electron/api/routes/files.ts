import { basename } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import parseRange from 'range-parser';
import { z } from 'zod';
import { type FileStat, lineMatchSchema } from '#shared/contract/sandboxes';
import { SandglassError } from '#shared/errors';
import { boxParams } from '../wire/boxes';
import { pathQuery } from '../wire/files';
import type { ApiContext } from './context';

const searchFields = {
  path: z.string().describe('The folder to look in.'),
  limit: z.number().nullish().describe('The most to find.'),
};
const fileWire = z
  .object({
    path: z.string(),
    is_dir: z.boolean(),
    size_bytes: z.number(),
    modified_at: z.string(),
  })
  .meta({ id: 'File' });

/** Files of a sandbox: out, in parts, found by name and by content. */
export function fileRoutes({ sandglass }: ApiContext): FastifyPluginAsyncZod {
  const { sandboxes } = sandglass.operations;

  return async (app) => {
    app.route({
      method: ['GET', 'HEAD'],
      url: '/:box/download',
      config: { operation: 'ReadError' },
      schema: {
        operationId: 'downloadFile',
        summary: 'Read a file or a part of it',
        params: boxParams,
        querystring: pathQuery,
      },
      handler: async (request, reply) => {
        const { box } = request.params as z.infer<typeof boxParams>;
        const { path } = request.query as z.infer<typeof pathQuery>;
        return await sendFile({ sandglass } as ApiContext, box, path, request, reply);
      },
    });

    app.post(
      '/:box/glob',
      {
        config: { operation: 'ReadError' },
        schema: {
          operationId: 'globFiles',
          summary: 'Find files by their paths',
          params: boxParams,
          body: z.object({
            ...searchFields,
            pattern: z.string().describe('As of a shell, with ** for any folders.'),
          }),
          response: { 200: z.object({ matches: z.array(fileWire), truncated: z.boolean() }) },
        },
      },
      async ({ params, body }) => {
        const { matches, truncated } = await sandboxes.globFiles({
          sandbox: params.box,
          path: body.path,
          pattern: body.pattern,
          limit: body.limit ?? undefined,
        });
        return { matches: matches.map(toFileInfo), truncated };
      },
    );

    app.post(
      '/:box/grep',
      {
        config: { operation: 'ReadError' },
        schema: {
          operationId: 'grepFiles',
          summary: 'Find lines by a text',
          params: boxParams,
          body: z.object({
            ...searchFields,
            pattern: z.string().describe('The text itself, not a regular expression.'),
            glob: z.string().nullish().describe('Only files whose names match.'),
          }),
          response: {
            200: z.object({ matches: z.array(lineMatchSchema), truncated: z.boolean() }),
          },
        },
      },
      async ({ params, body }) =>
        await sandboxes.grepFiles({
          sandbox: params.box,
          path: body.path,
          text: body.pattern,
          glob: body.glob ?? undefined,
          limit: body.limit ?? undefined,
        }),
    );
  };
}

function toFileInfo({ path, kind, sizeBytes, modifiedAt }: FileStat): z.infer<typeof fileWire> {
  return {
    path,
    is_dir: kind === 'directory',
    size_bytes: sizeBytes,
    modified_at: new Date(modifiedAt).toISOString(),
  };
}

/** Answers as RFC 9110 has it for parts and conditions. */
export async function sendFile(
  { sandglass }: Pick<ApiContext, 'sandglass'>,
  box: string,
  path: string,
  request: FastifyRequest,
  reply: FastifyReply,
  headers: Record<string, string> = {},
): Promise<FastifyReply> {
  const found = await statBehindLinks(sandglass.operations.sandboxes.statFile, box, path);
  const size = found.sizeBytes;
  const etag = `"${size.toString(16)}-${found.modifiedAt.toString(16)}"`;
  void reply.headers({
    etag,
    'accept-ranges': 'bytes',
    'last-modified': new Date(found.modifiedAt).toUTCString(),
    'content-type': 'application/octet-stream',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  const { range, 'if-range': ifRange, 'if-none-match': ifNoneMatch } = request.headers;
  if (ifNoneMatch !== undefined && matches(ifNoneMatch, etag)) return await reply.code(304).send();
  const part =
    range && (ifRange === undefined || ifRange === etag)
      ? parseRange(size, withinFile(range, size))
      : -2;
  // More than one part would need a multipart answer: the whole file is as correct (RFC 9110, 14.2).
  const only = Array.isArray(part) && part.type === 'bytes' && part.length === 1 ? part[0] : null;
  if (part === -1) {
    void reply.header('content-range', `bytes */${size}`);
    const said = `The file has ${size} bytes.`;
    const detail = { error: 'RangeNotSatisfiable', message: said };
    return await reply.code(416).type('application/json').send(JSON.stringify({ detail }));
  }
  const offset = only?.start ?? 0;
  const length = only ? only.end - only.start + 1 : size;
  if (only) {
    void reply.code(206).header('content-range', `bytes ${only.start}-${only.end}/${size}`);
  }
  void reply.header('content-length', length);
  if (request.method === 'HEAD') return await reply.send();
  const bytes = await sandglass.files.readStream(box, path, { offset, length });
  return await reply.send(bytes);
}

/** A suffix longer than the file is the whole file (RFC 9110, 14.1.2), which the parser refuses. */
function withinFile(range: string, size: number): string {
  const [, suffix] = /^bytes=-(\d+)$/.exec(range) ?? [];
  return suffix && Number(suffix) > size ? `bytes=-${size}` : range;
}

function matches(header: string, etag: string): boolean {
  return header.trim() === '*' || header.split(',').some((tag) => tag.trim() === etag);
}

const MOST_LINKS = 40;

/** A link is followed: what is read is what it leads to. */
async function statBehindLinks(
  statFile: (input: { sandbox: string; path: string }) => Promise<FileStat>,
  sandbox: string,
  path: string,
): Promise<FileStat> {
  let at = path;
  for (let link = 0; link < MOST_LINKS; link += 1) {
    const found = await statFile({ sandbox, path: at });
    if (found.kind === 'file') return found;
    if (found.kind !== 'symlink' || found.linkTarget === null) break;
    const { linkTarget } = found;
    at = linkTarget.startsWith('/')
      ? linkTarget
      : `${found.path.slice(0, -basename(found.path).length)}${linkTarget}`;
  }
  throw new SandglassError('not_a_file', `${path} is a folder or a device, not a file.`, {
    field: 'path',
  });
}
