import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import busboy from '@fastify/busboy';
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { SandglassError } from '#shared/errors';
import { boxParams } from '../wire/boxes';
import { pathQuery } from '../wire/files';
import { takeBodyAsItComes } from './bodies';
import type { ApiContext } from './context';

/** Files into a sandbox, of any size. */
export function uploadRoutes({ sandglass }: ApiContext): FastifyPluginAsyncZod {
  return async (app) => {
    takeBodyAsItComes(app);

    app.post(
      '/:box/upload',
      {
        config: { operation: 'WriteError' },
        schema: {
          operationId: 'uploadFile',
          summary: 'Write a file, with its missing folders',
          params: boxParams,
          querystring: pathQuery,
          response: { 200: z.object({ path: z.string(), written: z.number() }) },
        },
        // An upload may be as large as the sandbox's disk.
        bodyLimit: Number.MAX_SAFE_INTEGER,
      },
      async (request) => {
        const { path } = request.query;
        // Its size is told to Docker first, and only the whole tells it.
        const folder = await mkdtemp(join(tmpdir(), 'sandglass-upload-'));
        try {
          const file = join(folder, 'file');
          await receive(request, file);
          const { size } = await stat(file);
          const { files } = sandglass;
          await files.writeStream(request.params.box, path, createReadStream(file), size);
          return { path, written: size };
        } finally {
          await rm(folder, { recursive: true, force: true });
        }
      },
    );
  };
}

/** The file part of a form, or the body itself. */
async function receive(request: FastifyRequest, file: string): Promise<void> {
  const { raw } = request;
  if (!request.headers['content-type']?.startsWith('multipart/')) {
    await pipeline(raw, createWriteStream(file)).catch((thrown: unknown) => {
      throw raw.errored ? new SandglassError('cancelled', 'The upload was broken off.') : thrown;
    });
    return;
  }
  let saved: Promise<void> | null = null;
  let failure: unknown = null;
  try {
    const form = busboy({
      headers: request.headers as { 'content-type': string },
      limits: { files: 1, fileSize: Number.POSITIVE_INFINITY },
    });
    form.on('file', (_field, part) => {
      saved = pipeline(part, createWriteStream(file)).catch((thrown: unknown) => {
        failure ??= thrown;
        form.destroy();
      });
      // A form that breaks off does not end its parts.
      form.once('close', () => part.destroy());
    });
    await pipeline(raw, form);
    await saved;
  } catch (cause) {
    failure ??= new SandglassError('invalid_input', 'The form cannot be read.', { cause });
    await saved;
  }
  if (failure) throw failure;
  if (saved) return;
  throw new SandglassError('invalid_input', 'file: the form has no file.', { field: 'file' });
}
