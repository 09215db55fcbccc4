import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';

/** Tool results. Exceptions are converted to tool errors by the SDK. */

export function textResult(text: string): CallToolResult {
  return { content: [{ type: 'text', text }] };
}

export function jsonResult(value: unknown): CallToolResult {
  return textResult(JSON.stringify(value, null, 2));
}

/** Characters of one stream or file in a result, about 8,000 tokens. */
export const MAX_SHOWN = 30_000;
