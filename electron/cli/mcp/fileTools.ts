import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
import { fileStatWire } from '../../api/wire/files';
import { type ApiClient, segment } from '../api/client';
import { MOST_SHOWN, said } from './answers';
import { sandboxField } from './sandboxTools';

const pathField = z
  .string()
  .min(1)
  .describe("In the sandbox; a relative one starts at the sandbox's working directory.");
const MOST_LISTED = 1000;

/** Files of sandboxes. */
export function addFileTools(server: McpServer, api: ApiClient): void {
  server.registerTool(
    'read_file',
    {
      title: 'Read a file',
      description: `Reads a text file of a sandbox, at most ${MOST_SHOWN} bytes at a time: a note at the end says how to go on. Binary files are answered in base64.`,
      inputSchema: {
        sandbox: sandboxField,
        path: pathField,
        offset: z.number().int().min(0).default(0).describe('The byte to start at.'),
        length: z.number().int().min(1).max(MOST_SHOWN).default(MOST_SHOWN).describe('In bytes.'),
      },
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    async ({ sandbox, path, offset, length }) => {
      const base = `/${segment(sandbox)}`;
      const { size_bytes: size } = await api.json(`${base}/stat`, fileStatWire, {
        query: { path },
      });
      if (offset >= size && size > 0) throw new Error(`${path} has only ${size} bytes.`);
      const answer = await api.stream(`${base}/download`, {
        query: { path },
        headers: size > 0 ? { range: `bytes=${offset}-${offset + length - 1}` } : {},
      });
      const bytes = await buffer(answer);
      const { text, taken } = readable(bytes);
      const end = offset + taken;
      const note =
        end < size ? `\n[… ${size - end} bytes follow: read on with offset ${end} …]` : '';
      return said(text + note);
    },
  );

  server.registerTool(
    'write_file',
    {
      title: 'Write a file',
      description:
        'Writes a whole file in a sandbox, with missing folders. One that is there is replaced; it keeps its owner and mode.',
      inputSchema: {
        sandbox: sandboxField,
        path: pathField,
        content: z.string().describe('All of the file.'),
        encoding: z
          .enum(['utf8', 'base64'])
          .default('utf8')
          .describe('What content is written in; base64 for binary files.'),
      },
      annotations: { destructiveHint: true, idempotentHint: true, openWorldHint: false },
    },
    async ({ sandbox, path, content, encoding }) => {
      const bytes = Buffer.from(content, encoding);
      const { written } = await api.json(
        `/${segment(sandbox)}/upload`,
        z.object({ written: z.number() }),
        {
          method: 'POST',
          query: { path },
          headers: { 'content-type': 'application/octet-stream' },
          body: Readable.from([bytes]),
        },
      );
      return said(`${written} bytes are in ${path}.`);
    },
  );

  server.registerTool(
    'list_files',
    {
      title: 'List files',
      description: 'Lists what is in a folder of a sandbox, or what matches a pattern below it.',
      inputSchema: {
        sandbox: sandboxField,
        path: pathField.describe('The folder.'),
        pattern: z.string().default('*').describe('For paths below the folder, e.g. **/*.py.'),
      },
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    async ({ sandbox, path, pattern }) => {
      const { matches, truncated } = await api.json(`/${segment(sandbox)}/glob`, globAnswer, {
        method: 'POST',
        json: { path, pattern, limit: MOST_LISTED },
      });
      if (matches.length === 0) return said('Nothing matches.');
      const lines = matches.map(({ path: found, is_dir: isFolder, size_bytes: size }) =>
        isFolder ? `${found}/` : `${found}  ${size} bytes`,
      );
      if (truncated) lines.push(`[… more than ${MOST_LISTED}: give a narrower pattern …]`);
      return said(lines.join('\n'));
    },
  );
}

const globAnswer = z.object({
  matches: z.array(z.object({ path: z.string(), is_dir: z.boolean(), size_bytes: z.number() })),
  truncated: z.boolean(),
});

/** As text where it is that. A character that is cut at the end is left for the next part. */
function readable(bytes: Buffer): { text: string; taken: number } {
  for (let cut = 0; cut < Math.min(4, bytes.length + 1); cut += 1) {
    const whole = bytes.subarray(0, bytes.length - cut);
    if (isUtf8(whole) && !whole.includes(0))
      return { text: whole.toString('utf8'), taken: whole.length };
  }
  const text = `[binary, in base64]\n${bytes.toString('base64')}`;
  return { text, taken: bytes.length };
}
