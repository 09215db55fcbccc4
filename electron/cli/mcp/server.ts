import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import packageInfo from '../../../package.json';
import type { ApiClient } from '../api/client';
import { addFileTools } from './fileTools';
import { addRunTool } from './runTool';
import { addSandboxTools } from './sandboxTools';

const INSTRUCTIONS = `Sandglass runs disposable Linux machines (sandboxes) on the user's computer. \
Create a sandbox from a snapshot, run commands and edit files in it, capture its files as a new snapshot, \
and delete it when it is no longer needed. Sandboxes cannot access the user's files.`;

/** Runs the MCP server over stdin and stdout until the client disconnects. */
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
  // A client that dies only closes its end of the pipe.
  process.stdin.once('end', () => void server.close());
}
