import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { boxParams } from '../wire/boxes';
import { fileStatWire, pathQuery, toFileStatWire } from '../wire/files';
import { leaveBodyUnparsed } from './bodies';
import type { ApiContext } from './context';

/** Reads and writes files and folders as tar archives. Not part of the hosted service's API. */
export function archiveRoutes({ sandglass }: ApiContext): FastifyPluginAsyncZod {
  return async (app) => {
    leaveBodyUnparsed(app);

    app.get(
      '/:box/stat',
      {
        schema: {
          operationId: 'statPath',
          summary: 'Get the metadata of a path',
          description: 'Follows symbolic links.',
          params: boxParams,
          querystring: pathQuery,
          response: { 200: fileStatWire },
        },
      },
      async ({ params, query }) =>
        toFileStatWire(await sandglass.files.statBehindLinks(params.box, query.path)),
    );

    app.get(
      '/:box/archive',
      {
        schema: {
          operationId: 'readArchive',
          summary: 'Read a file or folder as a tar archive',
          description: 'Entry names start with the last component of the path.',
          params: boxParams,
          querystring: pathQuery,
        },
      },
      async ({ params, query }, reply) =>
        await reply
          .type('application/x-tar')
          .send(await sandglass.copies.pack(params.box, query.path)),
    );

    app.put(
      '/:box/archive',
      {
        schema: {
          operationId: 'unpackArchive',
          summary: 'Unpack a tar archive into a folder',
          description:
            "The body is the archive. The folder is created if missing. File modes are preserved; the sandbox's user becomes the owner.",
          params: boxParams,
          querystring: pathQuery,
          response: { 204: z.null() },
        },
        bodyLimit: Number.MAX_SAFE_INTEGER,
      },
      async (request, reply) => {
        await sandglass.copies.unpack(request.params.box, request.query.path, request.raw);
        return await reply.code(204).send(null);
      },
    );
  };
}
