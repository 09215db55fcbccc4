import { posix } from 'node:path';
import type { FastifyPluginAsync } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { sandboxPathSchema } from '#shared/contract/fields';
import { SandglassError } from '#shared/errors';
import { hide } from '../docs/openapi';
import { boxParams } from '../wire/boxes';
import type { DownloadGrant, DownloadTokens } from '../wire/downloadToken';
import { wireError } from '../wire/errors';
import type { ApiContext } from './context';
import { sendFile } from './files';

/** Outside the API's path prefix: a link works without the key. */
const LINK_PATH = '/downloads';
const mediaType = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:; ?charset=[\w-]+)?$/;
/**
 * CSP sandbox flags of the hosted service, except `allow-same-origin`: here the origin is the
 * API's.
 */
const sandboxFlags = [
  'allow-downloads',
  'allow-forms',
  'allow-modals',
  'allow-orientation-lock',
  'allow-pointer-lock',
  'allow-popups',
  'allow-presentation',
  'allow-scripts',
  'allow-top-navigation-by-user-activation',
] as const;

/** Creates links that download one file of a sandbox without the key. */
export function downloadLinkRoutes(
  context: ApiContext,
  tokens: DownloadTokens,
): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      '/boxes/:box/download-url',
      {
        schema: {
          operationId: 'createDownloadUrl',
          summary: 'Create a link that downloads one file without the key',
          params: boxParams,
          body: z.object({
            path: sandboxPathSchema,
            expires_in_seconds: z
              .number()
              .int()
              .min(1)
              .nullish()
              .describe('Omit for a link that does not expire.'),
            content_type: z
              .string()
              .max(255)
              .regex(mediaType, 'This must be a media type, e.g. "text/html; charset=utf-8".')
              .nullish(),
            content_disposition: z.enum(['attachment', 'inline']).nullish(),
            csp_sandbox: z.boolean().nullish(),
            csp_sandbox_flags: z.array(z.enum(sandboxFlags)).nullish(),
            csp_source_bundles: z.array(z.string()).nullish(),
          }),
          response: {
            200: z.object({
              download_url: z.string(),
              token: z.string(),
              expires_at: z.string().nullable(),
            }),
          },
        },
      },
      async (request) => {
        const { body, params } = request;
        refuseWeakerPolicy(body);
        const { id } = await context.sandglass.operations.sandboxes.get({ sandbox: params.box });
        const seconds = body.expires_in_seconds ?? null;
        const expiresAt = seconds === null ? null : Date.now() + seconds * 1000;
        const token = tokens.sign({
          sandbox: id,
          path: body.path,
          expiresAt,
          contentType: body.content_type ?? 'application/octet-stream',
          disposition: body.content_disposition ?? 'attachment',
          sandboxFlags: body.csp_sandbox_flags ?? [],
        });
        return {
          download_url: `${context.origin(request)}${LINK_PATH}?token=${token}`,
          token,
          expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString(),
        };
      },
    );
  };
}

/** Serves the links. */
export function downloadRoutes(context: ApiContext, tokens: DownloadTokens): FastifyPluginAsync {
  return async (app) => {
    app.addHook('onRoute', hide);
    app.route<{ Querystring: { token?: unknown } }>({
      method: ['GET', 'HEAD'],
      url: LINK_PATH,
      config: { isPublic: true },
      handler: async (request, reply) => {
        const { token } = request.query;
        const grant = typeof token === 'string' ? tokens.read(token) : null;
        if (!grant) {
          const message = 'The link is invalid or has expired. Request a new one.';
          const { status, body } = wireError(401, 'Unauthorized', message);
          return await reply.code(status).send(body);
        }
        return await sendFile(context, grant.sandbox, grant.path, request, reply, headersOf(grant));
      },
    });
  };
}

/**
 * Isolates a page from a sandbox, which would otherwise run in the API's origin: an opaque origin
 * without access to other resources.
 */
function headersOf({ path, contentType, disposition, sandboxFlags: flags }: DownloadGrant) {
  const name = encodeURIComponent(posix.basename(path)).replace(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return {
    'content-type': contentType,
    // RFC 6266 and RFC 8187: percent-encoding allows any file name and cannot end the header.
    'content-disposition': `${disposition}; filename*=UTF-8''${name}`,
    'content-security-policy': `${['sandbox', ...flags].join(' ')}; default-src 'unsafe-inline' data: blob:`,
    'cache-control': 'private, no-cache',
    'referrer-policy': 'no-referrer',
  };
}

function refuseWeakerPolicy(body: {
  csp_sandbox?: boolean | null;
  csp_source_bundles?: string[] | null;
}): void {
  const field =
    body.csp_sandbox === false
      ? 'csp_sandbox'
      : body.csp_source_bundles?.some((bundle) => bundle !== 'none')
        ? 'csp_source_bundles'
        : null;
  if (!field) return;
  const message = `${field}: files are served without an origin and cannot load other resources.`;
  throw new SandglassError('invalid_input', message, {
    field,
    hint: 'Omit it, or serve the file from the sandbox and use a service URL.',
  });
}
