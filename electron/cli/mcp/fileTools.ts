import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
import { fileMatchesWire } from '../../api/wire/fileMatches';
import { fileStatWire, uploadWire } from '../../api/wire/files';
import { type ApiClient, segment } from '../api/client';
import { MAX_SHOWN, textResult } from './results';
import { sandboxField } from './sandboxTools';

const pathField = z
  .string()
  .min(1)
  .describe("Path in the sandbox; relative paths start at the sandbox's working directory.");
const MAX_LISTED = 1000;

/** Tools for files of sandboxes. */
export function addFileTools(server: McpServer, api: ApiClient): void {
  server.registerTool(
    'read_file',
    {
      title: 'Read a file',
      description: `Reads a text file in a sandbox, at most ${MAX_SHOWN} bytes per call. A note at the end gives the offset for the next call. Binary files are returned in base64.`,
      inputSchema: {
        sandbox: sandboxField,
        path: pathField,
        offset: z.number().int().min(0).default(0).describe('Byte offset to start at.'),
        length: z
          .number()
          .int()
          .min(1)
          .max(MAX_SHOWN)
          .default(MAX_SHOWN)
          .describe('Number of bytes.'),
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
      const { text, decodedBytes } = decode(bytes);
      const end = offset + decodedBytes;
      const note =
        end < size ? `\n[… ${size - end} more bytes: continue with offset ${end} …]` : '';
      return textResult(text + note);
    },
  );

  server.registerTool(
    'write_file',
    {
      title: 'Write a file',
      description:
        'Writes a file in a sandbox and creates missing folders. An existing file is replaced and keeps its owner and mode.',
      inputSchema: {
        sandbox: sandboxField,
        path: pathField,
        content: z.string().describe('The complete content.'),
        encoding: z
          .enum(['utf8', 'base64'])
          .default('utf8')
          .describe('Encoding of content; base64 for binary files.'),
      },
      annotations: { destructiveHint: true, idempotentHint: true, openWorldHint: false },
    },
    async ({ sandbox, path, content, encoding }) => {
      const bytes = Buffer.from(content, encoding);
      const { written } = await api.json(`/${segment(sandbox)}/upload`, uploadWire, {
        method: 'POST',
        query: { path },
        headers: { 'content-type': 'application/octet-stream' },
        body: Readable.from([bytes]),
      });
      return textResult(`Wrote ${written} bytes to ${path}.`);
    },
  );

  server.registerTool(
    'list_files',
    {
      title: 'List files',
      description: 'Lists a folder in a sandbox, or the paths below it that match a pattern.',
      inputSchema: {
        sandbox: sandboxField,
        path: pathField.describe('Folder.'),
        pattern: z.string().default('*').describe('Glob for paths below the folder, e.g. **/*.py.'),
      },
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    async ({ sandbox, path, pattern }) => {
      const { matches, truncated } = await api.json(`/${segment(sandbox)}/glob`, fileMatchesWire, {
        method: 'POST',
        json: { path, pattern, limit: MAX_LISTED },
      });
      if (matches.length === 0) return textResult('No matches.');
      const lines = matches.map(({ path: found, is_dir: isFolder, size_bytes: size }) =>
        isFolder ? `${found}/` : `${found}  ${size} bytes`,
      );
      if (truncated) lines.push(`[… more than ${MAX_LISTED} matches: use a narrower pattern …]`);
      return textResult(lines.join('\n'));
    },
  );
}

/** Decodes text, leaving an incomplete character at the end for the next call; else base64. */
function decode(bytes: Buffer): { text: string; decodedBytes: number } {
  for (let cut = 0; cut < Math.min(4, bytes.length + 1); cut += 1) {
    const whole = bytes.subarray(0, bytes.length - cut);
    if (isUtf8(whole) && !whole.includes(0))
      return { text: whole.toString('utf8'), decodedBytes: whole.length };
  }
  const text = `[binary, in base64]\n${bytes.toString('base64')}`;
  return { text, decodedBytes: bytes.length };
}
