import { StringDecoder } from 'node:string_decoder';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';
import type { ApiClient } from '../api/client';
import { RemoteCommand } from '../api/remoteCommand';
import { MAX_SHOWN, textResult } from './results';
import { sandboxField } from './sandboxTools';

const DEFAULT_TIMEOUT_SECONDS = 120;
const TRUNCATION_ADVICE = 'To see everything, redirect the output to a file and read it in parts.';

/** Tool for commands in sandboxes. */
export function addRunTool(server: McpServer, api: ApiClient): void {
  server.registerTool(
    'run_command',
    {
      title: 'Run a command',
      description:
        'Runs a shell command in a sandbox, waits for it to end, and returns the exit code and output. A stopped sandbox is started first. Each command runs in a new shell: working directory and variables do not carry over. Background processes end with the command unless detached (setsid … &). Long output is truncated in the middle.',
      inputSchema: {
        sandbox: sandboxField,
        command: z.string().min(1).describe('Command line for bash (sh if the image has no bash).'),
        cwd: z.string().optional().describe("Working directory. Default: the sandbox's."),
        env_vars: z
          .record(z.string(), z.string())
          .optional()
          .describe('Additional environment variables.'),
        user: z
          .string()
          .optional()
          .describe("User to run as. Default: the sandbox's, usually root."),
        stdin: z.string().optional().describe('Standard input. Default: empty.'),
        timeout_seconds: z
          .number()
          .int()
          .min(1)
          .max(86_400)
          .default(DEFAULT_TIMEOUT_SECONDS)
          .describe('Kills the command after this time.'),
      },
      annotations: { destructiveHint: true, openWorldHint: true },
    },
    async (input, { signal }) => {
      const output = { stdout: new HeadAndTail(), stderr: new HeadAndTail() };
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
        async (stream, bytes) => output[stream].add(bytes),
      );
      const cancel = () => command.close();
      signal.addEventListener('abort', cancel);
      try {
        if (input.stdin !== undefined) void writeInput(command, input.stdin);
        const exitCode = await command.ended;
        return textResult(report(`exit code ${exitCode}`, output));
      } catch (thrown) {
        const message = thrown instanceof Error ? thrown.message : String(thrown);
        // Output up to a timeout shows why the command took so long.
        return { ...textResult(report(message, output)), isError: true };
      } finally {
        signal.removeEventListener('abort', cancel);
      }
    },
  );
}

async function writeInput(command: RemoteCommand, input: string): Promise<void> {
  await command.write(Buffer.from(input));
  command.closeInput();
}

function report(
  end: string,
  { stdout, stderr }: { stdout: HeadAndTail; stderr: HeadAndTail },
): string {
  const parts = [end];
  for (const [name, ends] of Object.entries({ stdout, stderr })) {
    const text = ends.text();
    if (text !== '') parts.push(`${name}:\n${text}`);
  }
  return parts.join('\n\n');
}

/** Head and tail of an output of any length, in bounded memory. */
class HeadAndTail {
  private readonly decoder = new StringDecoder('utf8');
  private head = '';
  private tail = '';
  private dropped = 0;

  add(bytes: Buffer): void {
    let text = this.decoder.write(bytes);
    const room = MAX_SHOWN / 2 - this.head.length;
    this.head += text.slice(0, Math.max(0, room));
    text = text.slice(Math.max(0, room));
    const tail = this.tail + text;
    this.tail = tail.slice(-MAX_SHOWN / 2);
    this.dropped += tail.length - this.tail.length;
  }

  text(): string {
    if (this.dropped === 0) return this.head + this.tail;
    return `${this.head}\n[… ${this.dropped} characters omitted. ${TRUNCATION_ADVICE} …]\n${this.tail}`;
  }
}
