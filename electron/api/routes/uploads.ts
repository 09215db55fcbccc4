import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import busboy from '@fastify/busboy';
import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { SandglassError } from '#shared/errors';
import { boxParams } from '../wire/boxes';
import { pathQuery, uploadWire } from '../wire/files';
import { leaveBodyUnparsed, saveBody } from './bodies';
import type { ApiContext } from './context';

/** File uploads of any size. */
export function uploadRoutes({ sandglass }: ApiContext): FastifyPluginAsyncZod {
  return async (app) => {
    leaveBodyUnparsed(app);

    app.post(
      '/:box/upload',
      {
        config: { operation: 'WriteError' },
        schema: {
          operationId: 'uploadFile',
          summary: 'Write a file and create missing folders',
          params: boxParams,
          querystring: pathQuery,
          response: { 200: uploadWire },
        },
        // Limited by the disk of the sandbox only.
        bodyLimit: Number.MAX_SAFE_INTEGER,
      },
      async (request) => {
        const { path } = request.query;
        // Docker needs the size up front, which only the complete upload reveals.
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

/** Saves the file part of a multipart form, or else the whole body. */
async function receive(request: FastifyRequest, file: string): Promise<void> {
  const { raw } = request;
  if (!request.headers['content-type']?.startsWith('multipart/')) {
    return await saveBody(raw, file);
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
      // Parts do not end by themselves when the form is cut short.
      form.once('close', () => part.destroy());
    });
    await pipeline(raw, form);
    await saved;
  } catch (cause) {
    failure ??= new SandglassError('invalid_input', 'The form data is malformed.', { cause });
    await saved;
  }
  if (failure) throw failure;
  if (saved) return;
  throw new SandglassError('invalid_input', 'file: the form contains no file.', { field: 'file' });
}
