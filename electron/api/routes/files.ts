import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import parseRange from 'range-parser';
import { z } from 'zod';
import { lineMatchSchema } from '#shared/contract/sandboxes';
import { SandglassError } from '#shared/errors';
import { boxParams } from '../wire/boxes';
import { wireError } from '../wire/errors';
import { fileMatchesWire, toFileWire } from '../wire/fileMatches';
import { pathQuery } from '../wire/files';
import type { ApiContext } from './context';

const searchFields = {
  path: z.string().describe('Folder to search.'),
  limit: z.number().nullish().describe('Maximum number of matches.'),
};
/** Reads files of a sandbox, whole or in ranges, and finds them by name and content. */
export function fileRoutes({ sandglass }: ApiContext): FastifyPluginAsyncZod {
  const { sandboxes } = sandglass.operations;

  return async (app) => {
    app.route({
      method: ['GET', 'HEAD'],
      url: '/:box/download',
      config: { operation: 'ReadError' },
      schema: {
        operationId: 'downloadFile',
        summary: 'Read a file or a byte range of it',
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
          summary: 'Find files by path',
          params: boxParams,
          body: z.object({
            ...searchFields,
            pattern: z.string().describe('Shell glob; ** matches any number of folders.'),
          }),
          response: { 200: fileMatchesWire },
        },
      },
      async ({ params, body }) => {
        const { matches, truncated } = await sandboxes.globFiles({
          sandbox: params.box,
          path: body.path,
          pattern: body.pattern,
          limit: body.limit ?? undefined,
        });
        return { matches: matches.map(toFileWire), truncated };
      },
    );

    app.post(
      '/:box/grep',
      {
        config: { operation: 'ReadError' },
        schema: {
          operationId: 'grepFiles',
          summary: 'Find lines that contain a text',
          params: boxParams,
          body: z.object({
            ...searchFields,
            pattern: z.string().describe('Literal text, not a regular expression.'),
            glob: z.string().nullish().describe('Searches singleRange files with a matching name.'),
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

/** Sends a file with support for range and conditional requests (RFC 9110, sections 13 and 14). */
export async function sendFile(
  { sandglass }: Pick<ApiContext, 'sandglass'>,
  box: string,
  path: string,
  request: FastifyRequest,
  reply: FastifyReply,
  headers: Record<string, string> = {},
): Promise<FastifyReply> {
  const stat = await sandglass.files.statBehindLinks(box, path);
  if (stat.kind !== 'file') {
    throw new SandglassError('not_a_file', `${path} is not a regular file.`, { field: 'path' });
  }
  const size = stat.sizeBytes;
  const etag = `"${size.toString(16)}-${stat.modifiedAt.toString(16)}"`;
  void reply.headers({
    etag,
    'accept-ranges': 'bytes',
    'last-modified': new Date(stat.modifiedAt).toUTCString(),
    'content-type': 'application/octet-stream',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  const { range, 'if-range': ifRange, 'if-none-match': ifNoneMatch } = request.headers;
  if (ifNoneMatch !== undefined && matches(ifNoneMatch, etag)) return await reply.code(304).send();
  const ranges =
    range && (ifRange === undefined || ifRange === etag)
      ? parseRange(size, withinFile(range, size))
      : -2;
  // Multiple ranges would need a multipart response. Sending the whole file is allowed (RFC 9110,
  // 14.2).
  const singleRange =
    Array.isArray(ranges) && ranges.type === 'bytes' && ranges.length === 1 ? ranges[0] : null;
  if (ranges === -1) {
    void reply.header('content-range', `bytes */${size}`);
    const { status, body } = wireError(416, 'RangeNotSatisfiable', `The file has ${size} bytes.`);
    return await reply.code(status).type('application/json').send(JSON.stringify(body));
  }
  const offset = singleRange?.start ?? 0;
  const length = singleRange ? singleRange.end - singleRange.start + 1 : size;
  if (singleRange) {
    void reply
      .code(206)
      .header('content-range', `bytes ${singleRange.start}-${singleRange.end}/${size}`);
  }
  void reply.header('content-length', length);
  if (request.method === 'HEAD') return await reply.send();
  const bytes = await sandglass.files.readStream(box, path, { offset, length });
  return await reply.send(bytes);
}

/**
 * Clamps a suffix range longer than the file to the whole file (RFC 9110, 14.1.2), which the parser
 * rejects.
 */
function withinFile(range: string, size: number): string {
  const [, suffix] = /^bytes=-(\d+)$/.exec(range) ?? [];
  return suffix && Number(suffix) > size ? `bytes=-${size}` : range;
}

function matches(header: string, etag: string): boolean {
  return header.trim() === '*' || header.split(',').some((tag) => tag.trim() === etag);
}
