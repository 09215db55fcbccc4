import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as newest from 'langsmith/sandbox';
import type {
  CaptureSnapshotOptions,
  CreateSandboxOptions,
  CreateSnapshotOptions,
  ExecutionResult,
  ListSnapshotsOptions,
  OutputChunk,
  ResourceStatus,
  RunOptions,
  SandboxClientConfig,
  Snapshot,
  StartSandboxOptions,
  UpdateSandboxOptions,
  WaitForSandboxOptions,
  WaitForSnapshotOptions,
} from 'langsmith-inline/sandbox';
import * as inline from 'langsmith-inline/sandbox';

/** The hosted service's own clients, in the versions and with the transports under test. */

/** Members of a running command in every version. */
export interface AnyHandle extends AsyncIterable<OutputChunk> {
  readonly commandId: string | null;
  readonly pid: number | null;
  readonly result: Promise<ExecutionResult>;
  readonly lastStdoutOffset: number;
  readonly lastStderrOffset: number;
  kill(): void;
  sendInput(data: string): void;
  reconnect(): Promise<AnyHandle>;
}

/** Members of a sandbox in every version. */
export interface AnySandbox {
  readonly id?: string;
  readonly name: string;
  readonly status?: string;
  readonly status_message?: string;
  readonly dataplane_url?: string;
  readonly snapshot_id?: string;
  readonly idle_ttl_seconds?: number;
  readonly delete_after_stop_seconds?: number;
  readonly stopped_at?: string;
  run(command: string, options: RunOptions & { wait: false }): Promise<AnyHandle>;
  run(command: string, options?: RunOptions & { wait?: true }): Promise<ExecutionResult>;
  reconnect(
    commandId: string,
    offsets?: { stdoutOffset?: number; stderrOffset?: number },
  ): Promise<AnyHandle>;
  write(path: string, content: string | Uint8Array, timeout?: number): Promise<void>;
  read(path: string, timeout?: number): Promise<Uint8Array>;
  delete(): Promise<void>;
  start(options?: StartSandboxOptions): Promise<void>;
  stop(): Promise<void>;
  captureSnapshot(name: string, options?: CaptureSnapshotOptions): Promise<Snapshot>;
}

/** Members of the client in every version. */
export interface AnyClient {
  createSnapshot(
    name: string,
    image: string,
    fsCapacityBytes: number,
    options?: CreateSnapshotOptions,
  ): Promise<Snapshot>;
  captureSnapshot(
    sandbox: string,
    name: string,
    options?: CaptureSnapshotOptions,
  ): Promise<Snapshot>;
  getSnapshot(id: string, options?: { signal?: AbortSignal }): Promise<Snapshot>;
  listSnapshots(options?: ListSnapshotsOptions): Promise<Snapshot[]>;
  deleteSnapshot(id: string): Promise<void>;
  waitForSnapshot(id: string, options?: WaitForSnapshotOptions): Promise<Snapshot>;
  createSandbox(options?: CreateSandboxOptions): Promise<AnySandbox>;
  createSandbox(snapshotId?: string, options?: CreateSandboxOptions): Promise<AnySandbox>;
  getSandbox(name: string, options?: { signal?: AbortSignal }): Promise<AnySandbox>;
  listSandboxes(): Promise<AnySandbox[]>;
  updateSandbox(name: string, newName: string): Promise<AnySandbox>;
  updateSandbox(name: string, options: UpdateSandboxOptions): Promise<AnySandbox>;
  deleteSandbox(name: string): Promise<void>;
  getSandboxStatus(name: string, options?: { signal?: AbortSignal }): Promise<ResourceStatus>;
  waitForSandbox(name: string, options?: WaitForSandboxOptions): Promise<AnySandbox>;
  startSandbox(name: string, options?: StartSandboxOptions): Promise<AnySandbox>;
  stopSandbox(name: string): Promise<void>;
  toString(): string;
}

/** An installed version of the package. */
export interface Sdk {
  version: '0.12.0' | '0.7.12';
  /** The module's own classes and errors, for `instanceof`. */
  module: typeof newest | typeof inline;
  connect(config?: SandboxClientConfig): AnyClient;
}

export const newestSdk = sdkOf('0.12.0', newest);
export const inlineSdk = sdkOf('0.7.12', inline);

/** Both versions, for `describe.each` with `$version` in the title. */
export const bothSdks: Sdk[] = [newestSdk, inlineSdk];

function sdkOf(version: Sdk['version'], module: Sdk['module']): Sdk {
  return { version, module, connect: (config) => new module.SandboxClient(config) };
}

/** Makes a folder in which this version resolves as `langsmith`, with or without `ws`. */
export function projectWith(
  version: Sdk['version'],
  { ws }: { ws: boolean },
): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'sandglass-client-'));
  const packages = join(folder, 'node_modules');
  mkdirSync(packages);
  const installed = join(import.meta.dirname, '..', '..', 'node_modules');
  // Copies the package: Node resolves a link to a folder beside which `ws` exists.
  const name = version === newestSdk.version ? 'langsmith' : 'langsmith-inline';
  cpSync(join(installed, name), join(packages, 'langsmith'), { recursive: true });
  for (const linked of ['p-queue', ...(ws ? ['ws'] : [])]) {
    symlinkSync(join(installed, linked), join(packages, linked));
  }
  if (isThere('ws', join(packages, 'langsmith', 'package.json')) !== ws) {
    throw new Error(`Whether there is a "ws" in ${folder} is decided elsewhere.`);
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Loads both versions from a folder without `ws`. */
export async function sdksWithoutWs(): Promise<{ sdks: Sdk[]; remove(): void }> {
  const projects = bothSdks.map(({ version }) => projectWith(version, { ws: false }));
  const [newer, older] = projects.map(({ folder }) => join(folder, 'node_modules', 'langsmith'));
  const load = async (file: string) => await import(pathToFileURL(file).href);
  const sdks = [
    sdkOf('0.12.0', (await load(`${newer}/sandbox.mjs`)) as typeof newest),
    sdkOf('0.7.12', (await load(`${older}/sandbox.js`)) as typeof inline),
  ];
  return { sdks, remove: () => projects.forEach((project) => void project.remove()) };
}

function isThere(name: string, seenFrom: string): boolean {
  try {
    createRequire(seenFrom).resolve(name);
    return true;
  } catch {
    return false;
  }
}

export const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
