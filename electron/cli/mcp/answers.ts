import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';

/** What tools answer with. A tool that throws is answered for by the SDK, as a tool error. */

export function said(text: string): CallToolResult {
  return { content: [{ type: 'text', text }] };
}

export function asJson(value: unknown): CallToolResult {
  return said(JSON.stringify(value, null, 2));
}

/** Characters of one stream or file that an agent is shown: about 8,000 tokens. */
export const MOST_SHOWN = 30_000;
