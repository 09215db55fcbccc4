import { randomUUID } from 'node:crypto';
import { type Archive, absolutePath } from '../files';

/** Configuration of a process that Docker starts in a running container (an "exec"). */
export interface ExecSpec {
  argv: string[];
  /** UUID in the environment of the process, by which it and its descendants are found and killed. */
  processTag: string;
  env?: Record<string, string>;
  /** Absolute path; by default the container's working directory. */
  cwd?: string;
  user?: string;
}

/** Values that a sandbox gives to the processes in it. */
export interface ExecDefaults {
  env: Record<string, string>;
  workDir: string | null;
  user: string | null;
}

/** Merges a caller's input with the sandbox's defaults. A relative `cwd` starts at the `workDir`. */
export function execSpec(
  { env, workDir, user }: ExecDefaults,
  input: Pick<ExecSpec, 'argv'> & Partial<ExecSpec>,
): ExecSpec & Required<Pick<ExecSpec, 'env'>> {
  return {
    argv: input.argv,
    processTag: input.processTag ?? randomUUID(),
    env: { ...env, ...input.env },
    cwd: input.cwd ? absolutePath(input.cwd, workDir) : (workDir ?? undefined),
    user: input.user ?? user ?? undefined,
  };
}

/** Shell of every image that a sandbox can boot from. */
const FALLBACK_SHELL = '/bin/sh';

/** Returns the first of these shells that a container has, else `/bin/sh`. */
export async function findShell(
  archive: Pick<Archive, 'stat'>,
  containerId: string,
  preferred: readonly string[],
): Promise<string> {
  for (const shell of preferred) {
    if (shell === FALLBACK_SHELL || (await archive.stat(containerId, shell))) return shell;
  }
  return FALLBACK_SHELL;
}
