import type { Command } from 'commander';
import type { SnapshotWire } from '../../api/wire/snapshots';
import type { ApiClient } from '../api/client';
import { untilReady } from '../api/snapshots';
import { printJson, printLine } from '../output';
import {
  assignment,
  bytes,
  type RunConfigOptions,
  toRunConfigWire,
  withJson,
  withRunConfig,
} from './options';

/** What every way to make a snapshot has in common. */

export interface MakeOptions extends RunConfigOptions {
  json?: boolean;
  tag?: string;
  capacity?: number;
  label?: Record<string, string>;
  note?: string;
  wait: boolean;
}

export function withMakeOptions(command: Command): Command {
  return withJson(withRunConfig(command))
    .option('-t, --tag <tag>', 'names this version')
    .option('--capacity <size>', 'disk of its sandboxes, e.g. 8GiB', bytes)
    .option('-l, --label <NAME=VALUE>', 'a label (repeatable)', assignment)
    .option('--note <text>', 'a note')
    .option('--no-wait', 'do not wait until it is ready');
}

export function toWire(name: string, options: MakeOptions) {
  return {
    name,
    tag: options.tag,
    fs_capacity_bytes: options.capacity,
    labels: options.label,
    description: options.note,
    run_config: toRunConfigWire(options),
  };
}

/** Waits for it unless told otherwise, and prints it. */
export async function finish(
  api: ApiClient,
  begun: SnapshotWire,
  { wait, json }: MakeOptions,
): Promise<void> {
  const made = wait ? await untilReady(api, begun.id) : begun;
  await (json ? printJson(made) : printLine(made.id));
}
