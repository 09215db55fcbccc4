import type { Command } from 'commander';
import type { SnapshotWire } from '../../api/wire/snapshots';
import type { ApiClient } from '../api/client';
import { waitUntilReady } from '../api/snapshots';
import { printJson, printLine } from '../output';
import {
  assignment,
  bytes,
  type RunConfigOptions,
  toRunConfigWire,
  withJson,
  withRunConfig,
} from './options';

export interface SnapshotOptions extends RunConfigOptions {
  json?: boolean;
  tag?: string;
  capacity?: number;
  label?: Record<string, string>;
  note?: string;
  wait: boolean;
}

export function withSnapshotOptions(command: Command): Command {
  return withJson(withRunConfig(command))
    .option('-t, --tag <tag>', 'tag of this version')
    .option('--capacity <size>', 'disk capacity of its sandboxes, e.g. 8GiB', bytes)
    .option('-l, --label <NAME=VALUE>', 'set a label (repeatable)', assignment)
    .option('--note <text>', 'add a note')
    .option('--no-wait', 'do not wait until the snapshot is ready');
}

export function toSnapshotInput(name: string, options: SnapshotOptions) {
  return {
    name,
    tag: options.tag,
    fs_capacity_bytes: options.capacity,
    labels: options.label,
    description: options.note,
    run_config: toRunConfigWire(options),
  };
}

/** Waits for the snapshot unless `--no-wait` is set, then prints it. */
export async function printSnapshot(
  api: ApiClient,
  started: SnapshotWire,
  { wait, json }: SnapshotOptions,
): Promise<void> {
  const snapshot = wait ? await waitUntilReady(api, started.id) : started;
  await (json ? printJson(snapshot) : printLine(snapshot.id));
}
