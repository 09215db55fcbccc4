import { type Command, InvalidArgumentError } from 'commander';

export function withJson(command: Command): Command {
  return command.option('--json', 'print JSON');
}

/** Options for the environment, user and working directory of commands. */
export function withRunConfig(command: Command): Command {
  return command
    .option('-e, --env <NAME=VALUE>', 'set an environment variable (repeatable)', assignment)
    .option('-u, --user <user>', 'run as this user')
    .option('-w, --workdir <path>', 'run in this folder');
}

export interface RunConfigOptions {
  env?: Record<string, string>;
  user?: string;
  workdir?: string;
}

export function toRunConfigWire({ env, user, workdir }: RunConfigOptions) {
  return { env_vars: env, user, work_dir: workdir };
}

/**
 * Parses `NAME=VALUE`. A bare name takes its value from this process's environment, as in Docker.
 */
export function assignment(
  text: string,
  before: Record<string, string> = {},
): Record<string, string> {
  const at = text.indexOf('=');
  if (at > 0) return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
  const value = process.env[text];
  if (at === 0 || value === undefined) {
    throw new InvalidArgumentError('Use the form NAME=VALUE.');
  }
  return { ...before, [text]: value };
}

/** Collects the values of a repeatable option. */
export function repeatable(text: string, before: string[] = []): string[] {
  return [...before, text];
}

const unitBytes: Record<string, number> = {
  '': 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4,
};

/** Parses `512m`, `8GiB` or `1073741824` into bytes, with binary units as in Docker. */
export function bytes(text: string): number {
  const [, figure = '', unit = ''] =
    /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/i.exec(text.trim()) ?? [];
  const factor = unitBytes[unit.toLowerCase()];
  if (figure === '' || factor === undefined) {
    throw new InvalidArgumentError('Use a size such as 512MiB or 8GiB.');
  }
  return Math.round(Number(figure) * factor);
}

export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw new InvalidArgumentError('Use a number of 0 or more.');
  }
  return value;
}

const unitSeconds: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Parses `90`, `90s`, `10m`, `2h` or `14d` into seconds. */
export function duration(text: string): number {
  const [, figure = '', unit = 's'] = /^(\d+)([smhd])?$/.exec(text.trim()) ?? [];
  const factor = unitSeconds[unit];
  if (figure === '' || factor === undefined) {
    throw new InvalidArgumentError('Use a duration such as 90s, 10m, 2h or 14d; 0 for never.');
  }
  return Number(figure) * factor;
}
