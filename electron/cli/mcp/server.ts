import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import packageInfo from '../../../package.json';
import type { ApiClient } from '../api/client';
import { addFileTools } from './fileTools';
import { addRunTool } from './runTool';
import { addSandboxTools } from './sandboxTools';

const INSTRUCTIONS = `Sandglass runs disposable Linux machines (sandboxes) on the user's own computer. \
Create one from a snapshot, run commands and work with files in it, capture its files as a new snapshot, \
delete it when it is no longer needed. Nothing in a sandbox touches the user's own files.`;

/** Serves the sandboxes over stdin and stdout until the client goes. */
export async function serveMcp(api: ApiClient): Promise<void> {
  const server = new McpServer(
    { name: 'sandglass', version: packageInfo.version },
    { instructions: INSTRUCTIONS },
  );
  addSandboxTools(server, api);
  addRunTool(server, api);
  addFileTools(server, api);
  const transport = new StdioServerTransport();
  await server.connect(transport);
  // A client that dies says nothing: its end of the pipe closes.
  process.stdin.once('end', () => void server.close());
}
