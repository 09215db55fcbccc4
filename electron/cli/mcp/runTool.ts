import { StringDecoder } from 'node:string_decoder';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
import type { ApiClient } from '../api/client';
import { RemoteCommand } from '../api/remoteCommand';
import { MOST_SHOWN, said } from './answers';
import { sandboxField } from './sandboxTools';

const DEFAULT_TIMEOUT_SECONDS = 120;
const ADVICE = 'To see all of it, write the output to a file and read that in parts.';

/** Commands in sandboxes. */
export function addRunTool(server: McpServer, api: ApiClient): void {
  server.registerTool(
    'run_command',
    {
      title: 'Run a command',
      description:
        'Runs a shell command in a sandbox and waits for its end; answers with the exit code and the output. A stopped sandbox is started first. Each command is a shell of its own: working directory and variables do not carry over. What runs on in the background ends with the command unless it is detached (setsid … &). Long output is shortened in the middle.',
      inputSchema: {
        sandbox: sandboxField,
        command: z.string().min(1).describe('A line for bash (sh where the image has no bash).'),
        cwd: z.string().optional().describe("The folder it runs in. Left out: the sandbox's own."),
        env_vars: z
          .record(z.string(), z.string())
          .optional()
          .describe('More environment variables.'),
        user: z.string().optional().describe("Left out: the sandbox's own, mostly root."),
        stdin: z.string().optional().describe('Its standard input. Left out: empty.'),
        timeout_seconds: z
          .number()
          .int()
          .min(1)
          .max(86_400)
          .default(DEFAULT_TIMEOUT_SECONDS)
          .describe('It is killed after so long.'),
      },
      annotations: { destructiveHint: true, openWorldHint: true },
    },
    async (input, { signal }) => {
      const shown = { stdout: new BothEnds(), stderr: new BothEnds() };
      const command = RemoteCommand.execute(
        api,
        input.sandbox,
        {
          command: input.command,
          cwd: input.cwd,
          env: input.env_vars,
          user: input.user,
          timeoutSeconds: input.timeout_seconds,
          killOnDisconnect: true,
          hasInput: input.stdin !== undefined,
        },
        async (stream, bytes) => shown[stream].add(bytes),
      );
      const cancel = () => command.close();
      signal.addEventListener('abort', cancel);
      try {
        if (input.stdin !== undefined) void feed(command, input.stdin);
        const exitCode = await command.ended;
        return said(report(`exit code ${exitCode}`, shown));
      } catch (thrown) {
        const message = thrown instanceof Error ? thrown.message : String(thrown);
        // What it had said by then tells why it took so long.
        return { ...said(report(message, shown)), isError: true };
      } finally {
        signal.removeEventListener('abort', cancel);
      }
    },
  );
}

async function feed(command: RemoteCommand, input: string): Promise<void> {
  await command.write(Buffer.from(input));
  command.closeInput();
}

function report(end: string, { stdout, stderr }: { stdout: BothEnds; stderr: BothEnds }): string {
  const parts = [end];
  for (const [name, ends] of Object.entries({ stdout, stderr })) {
    const text = ends.text();
    if (text !== '') parts.push(`${name}:\n${text}`);
  }
  return parts.join('\n\n');
}

/** The beginning and the end of an output of any length, in bounded memory. */
class BothEnds {
  private readonly decoder = new StringDecoder('utf8');
  private head = '';
  private tail = '';
  private dropped = 0;

  add(bytes: Buffer): void {
    let text = this.decoder.write(bytes);
    const room = MOST_SHOWN / 2 - this.head.length;
    this.head += text.slice(0, Math.max(0, room));
    text = text.slice(Math.max(0, room));
    const tail = this.tail + text;
    this.tail = tail.slice(-MOST_SHOWN / 2);
    this.dropped += tail.length - this.tail.length;
  }

  text(): string {
    if (this.dropped === 0) return this.head + this.tail;
    return `${this.head}\n[… ${this.dropped} characters are left out here. ${ADVICE} …]\n${this.tail}`;
  }
}
