import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { rootCertificates } from 'node:tls';
import type { EgressInput, Egress as EgressView } from '#shared/contract/egress';
import { SandglassError } from '#shared/errors';
import type { EngineContext } from '../context';
import { type Archive, goModeBits } from '../docker/archive';
import { describeObject } from '../docker/labels';
import type { SecretStore } from '../registries/secretStore';
import type { Certificates } from './certificates';
import { type EgressFile, newToken, type StoredEgress } from './egressFile';
import { EgressProxy } from './egressProxy';
import { isUsable } from './hostMatch';

/** Where a sandbox that runs can be reached, and what is asked of its way out. */
interface RunningSandbox {
  id: string;
  containerId: string;
  network: boolean;
}

/** A sandbox, running or not. */
interface KnownSandbox {
  id: string;
  containerId: string | null;
  network: boolean;
  ports: unknown[];
}

/** In the sandbox's `/tmp`: it outlives a stop, and no capture takes it along to another home. */
const BUNDLE = '/tmp/.sandglass-ca.pem';
const BUNDLE_OWNERSHIP = { uid: 0, gid: 0, mode: 0o644 };
/** What programs read the path of their trusted certificates from: OpenSSL, Python, Node, curl, git, Cargo. */
const trustVariables = [
  'SSL_CERT_FILE',
  'REQUESTS_CA_BUNDLE',
  'NODE_EXTRA_CA_CERTS',
  'CURL_CA_BUNDLE',
  'GIT_SSL_CAINFO',
  'CARGO_HTTP_CAINFO',
];
/** How containers in a machine of their own (Docker Desktop and its like) reach this computer. */
const HOST_OF_MACHINE = 'host.docker.internal';

/** What sandboxes may reach, and which headers their requests get on the way. */
export class Egress {
  private readonly proxy: EgressProxy;
  private readonly listeners = new Map<string, Promise<Server>>();
  /** One change after the other: two at once would move a sandbox between networks. */
  private changes: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly context: EngineContext,
    private readonly file: EgressFile,
    private readonly secrets: SecretStore,
    private readonly certificates: Certificates,
    options: { env: NodeJS.ProcessEnv; onError: (thrown: unknown) => void },
  ) {
    const { onError } = options;
    this.proxy = new EgressProxy({
      find: (sandboxId) => {
        const egress = this.file.find(sandboxId);
        return egress && { egress, unseal: (sealed) => this.secrets.unseal(sealed) };
      },
      certificates,
      trusted: [...rootCertificates, ...extraCertificates(options.env)],
      onError,
    });
  }

  /** What a sandbox has, without its secrets; null for an ordinary way out. */
  describe(sandboxId: string): EgressView | null {
    const stored = this.file.find(sandboxId);
    if (!stored) return null;
    const { rules, access } = stored;
    const shown = rules.map((rule) => ({
      ...rule,
      headers: rule.headers.map((header) => (header.secret ? { ...header, value: null } : header)),
    }));
    return { rules: shown, access };
  }

  /**
   * Refuses what could not be kept: before anything is made.
   *
   * @throws SandglassError `invalid_input`, `secrets_unprotected`
   */
  check(
    input: EgressInput | null,
    sandbox: { network: boolean; ports: unknown[] },
    before: StoredEgress | null = null,
  ): void {
    if (input === null) return;
    const patterns = [...input.rules.flatMap(({ hosts }) => hosts), ...(input.access?.hosts ?? [])];
    const unusable = patterns.find((text) => !isUsable(text));
    if (unusable !== undefined) {
      throw new SandglassError('invalid_input', `egress: "${unusable}" cannot be matched.`, {
        field: 'egress.access',
        hint: 'Expressions have no back references and do not look around (RE2).',
      });
    }
    if (!this.context.docker.networks.isReachable) {
      throw new SandglassError(
        'invalid_input',
        'egress: the containers of this Docker run elsewhere and do not reach this computer.',
        { field: 'egress', hint: 'Use a Docker that runs on this computer.' },
      );
    }
    if (!sandbox.network) {
      throw new SandglassError(
        'invalid_input',
        'egress: a sandbox without a network has no way out.',
        {
          field: 'egress',
        },
      );
    }
    if (input.access && sandbox.ports.length > 0) {
      throw new SandglassError(
        'invalid_input',
        'egress: a sandbox with an access list is cut off from the network, and publishes no ports.',
        {
          field: 'egress.access',
          hint: 'Leave the ports out: a service URL reaches it all the same.',
        },
      );
    }
    if (input.access && !this.context.docker.networks.hasGateway) {
      throw new SandglassError(
        'invalid_input',
        'egress: access lists need a Docker Engine on this very computer (Linux).',
        { field: 'egress.access', hint: 'Here a sandbox could go around the list.' },
      );
    }
    if (input.rules.some(({ headers }) => headers.some(({ secret }) => secret))) {
      this.secrets.refuseUnprotected('egress.rules');
    }
    this.toStored('', input, before);
  }

  /**
   * Replaces what a sandbox has; null takes it away. Commands that start from now on see it; what the
   * proxy does changes at once.
   *
   * @throws SandglassError as `check`, and when Docker cannot move it to another network
   */
  async set(sandbox: KnownSandbox, input: EgressInput | null): Promise<void> {
    const change = this.changes.then(() => this.replace(sandbox, input));
    this.changes = change.catch(() => {});
    await change;
  }

  private async replace(sandbox: KnownSandbox, input: EgressInput | null): Promise<void> {
    const before = this.file.find(sandbox.id);
    this.check(input, sandbox, before);
    if (input === null) this.file.remove(sandbox.id);
    else this.file.put(this.toStored(sandbox.id, input, before));
    try {
      const { containerId } = sandbox;
      const isCut = before?.access != null;
      if (containerId && isCut !== (input?.access != null)) {
        await this.place(sandbox.id, containerId);
        if (isCut) await this.context.docker.networks.remove(networkName(sandbox.id));
      }
    } catch (thrown) {
      if (before) this.file.put(before);
      else this.file.remove(sandbox.id);
      throw thrown;
    }
    // What is open was let through by what was before.
    if (before) this.proxy.cut(sandbox.id);
    this.closeIfIdle();
  }

  /** Puts a container on the network that its access list asks for. */
  async place(sandboxId: string, containerId: string): Promise<void> {
    const { networks } = this.context.docker;
    if (!this.file.find(sandboxId)?.access) {
      await networks.move(containerId, null);
      return;
    }
    // One of its own: on a common one, sandboxes would be each other's way around their lists.
    const name = networkName(sandboxId);
    const home = this.context.identity;
    const labels = { kind: 'network', home, id: sandboxId, name, createdAt: Date.now() } as const;
    await networks.ensureInternal(name, describeObject(labels));
    await networks.move(containerId, name);
  }

  /** Forgets a sandbox that is gone, with its network. */
  async forget(sandboxId: string): Promise<void> {
    const wasCut = this.file.find(sandboxId)?.access != null;
    this.file.remove(sandboxId);
    this.proxy.cut(sandboxId);
    this.closeIfIdle();
    if (wasCut) await this.context.docker.networks.remove(networkName(sandboxId));
  }

  /** The same for all but these: Docker may have lost others while nobody looked. */
  async keepOnly(sandboxIds: ReadonlySet<string>): Promise<void> {
    for (const { sandboxId } of this.file.all()) {
      if (!sandboxIds.has(sandboxId)) this.file.remove(sandboxId);
    }
    this.closeIfIdle();
    const { networks } = this.context.docker;
    for (const { name, labels } of await networks.listOwn(this.context.identity)) {
      if (!sandboxIds.has(labels.id)) await networks.remove(name);
    }
  }

  /** Listens for a sandbox that runs on, as before a restart of the app. */
  async resume(sandbox: RunningSandbox): Promise<void> {
    if (this.file.find(sandbox.id)) await this.listenFor(sandbox.containerId);
  }

  /** The variables of a command in a running sandbox: its own, and what it is told of its way out. */
  async environment(
    sandbox: RunningSandbox,
    own: Record<string, string>,
  ): Promise<Record<string, string>> {
    const stored = this.file.find(sandbox.id);
    if (!stored || !sandbox.network) return own;
    const { host, port } = await this.listenFor(sandbox.containerId);
    const enabled = stored.rules.filter((rule) => rule.enabled);
    const url = `http://${stored.sandboxId}:${stored.token}@${host}:${port}`;
    const around = 'localhost,127.0.0.1,::1';
    return {
      // Placeholders for programs that want some value: the sandbox's own is the better one.
      ...Object.assign({}, ...enabled.map(({ env }) => env)),
      ...own,
      ...{ HTTP_PROXY: url, HTTPS_PROXY: url, http_proxy: url, https_proxy: url },
      ...{ NO_PROXY: around, no_proxy: around },
      // Node asks for a proxy only when it is told to.
      NODE_USE_ENV_PROXY: '1',
      ...(enabled.some(({ headers }) => headers.length > 0)
        ? await this.trust(sandbox.containerId)
        : {}),
    };
  }

  async close(): Promise<void> {
    await this.changes;
    this.proxy.close();
    await this.stopListening();
  }

  /** Without a sandbox that has something for its way out there is no proxy. */
  private closeIfIdle(): void {
    if (this.file.all().length === 0) void this.stopListening();
  }

  private async stopListening(): Promise<void> {
    const listening = [...this.listeners.values()];
    this.listeners.clear();
    const all = await Promise.allSettled(listening);
    for (const listener of all) if (listener.status === 'fulfilled') listener.value.close();
  }

  private toStored(
    sandboxId: string,
    input: EgressInput,
    before: StoredEgress | null,
  ): StoredEgress {
    const rules = input.rules.map((rule, ruleIndex) => ({
      ...rule,
      headers: rule.headers.map(({ name, secret, value }, index) => {
        if (value !== undefined) {
          return { name, secret, value: secret ? this.secrets.seal(value) : value };
        }
        const old = before?.rules.find((other) => other.name === rule.name);
        const known = old?.headers.find((other) => other.name === name && other.secret && secret);
        if (known && rule.hosts.every((host) => old?.hosts.includes(host))) return known;
        if (known) {
          throw new SandglassError(
            'invalid_input',
            `The rule "${rule.name}" has new hosts, so the header ${name} needs its value again.`,
            {
              field: `egress.rules.${ruleIndex}.headers.${index}.value`,
              hint: 'So that no secret goes where it was not meant to.',
            },
          );
        }
        throw new SandglassError('invalid_input', `The header ${name} needs a value.`, {
          field: `egress.rules.${ruleIndex}.headers.${index}.value`,
        });
      }),
    }));
    return { sandboxId, token: before?.token ?? newToken(), rules, access: input.access };
  }

  /** The address of the proxy as a container sees it; it listens there from now on. */
  private async listenFor(containerId: string): Promise<{ host: string; port: number }> {
    const { networks } = this.context.docker;
    const gateway = networks.hasGateway ? await networks.gatewayOf(containerId) : null;
    if (networks.hasGateway && gateway === null) {
      throw new SandglassError('engine_error', 'The sandbox has no network that leads here.', {
        hint: 'It needs a bridge network of Docker.',
      });
    }
    const address = gateway ?? '127.0.0.1';
    const known = this.listeners.get(address);
    const listening = known ?? this.listen(address);
    if (!known) {
      this.listeners.set(address, listening);
      listening.catch(() => this.listeners.delete(address));
    }
    return { host: gateway ?? HOST_OF_MACHINE, port: portOf(await listening) };
  }

  /** At the port of the last time, if it is free: processes that live on know no other. */
  private async listen(host: string): Promise<Server> {
    const preferred = this.file.port ?? 0;
    const server = await this.listenAt(host, preferred).catch((thrown: unknown) => {
      if ((thrown as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw thrown;
      return this.listenAt(host, 0);
    });
    this.file.keepPort(portOf(server));
    return server;
  }

  private async listenAt(host: string, port: number): Promise<Server> {
    const server = createServer({ noDelay: true }, (socket) => this.proxy.accept(socket));
    server.listen({ host, port });
    await once(server, 'listening');
    return server;
  }

  /** What makes programs trust the proxy's certificates; the file is looked after at each start. */
  private async trust(containerId: string): Promise<Record<string, string>> {
    const { archive } = this.context.docker;
    const roots = await rootsIn(archive, containerId);
    const own = await this.certificates.authorityCertificate();
    const bundle = Buffer.from(`${roots.trimEnd()}\n${own}\n`);
    const found = await archive.stat(containerId, BUNDLE);
    if (found?.sizeBytes !== bundle.length) {
      const target = {
        folder: posix.dirname(BUNDLE),
        newFolders: [],
        name: posix.basename(BUNDLE),
      };
      const content = { bytes: Readable.from([bundle]), size: bundle.length };
      await archive.write(containerId, target, content, BUNDLE_OWNERSHIP);
    }
    return Object.fromEntries(trustVariables.map((name) => [name, BUNDLE]));
  }
}

/** Where Debian, Alpine and Fedora keep the roots that a system trusts. */
const rootFiles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
];

/** The image's own: it may trust a company's. Where it has none, Mozilla's, which Node brings along. */
async function rootsIn(archive: Archive, containerId: string): Promise<string> {
  for (const path of rootFiles) {
    const found = await archive.stat(containerId, path);
    const isFile = found !== null && found.goMode < goModeBits.special;
    if (isFile) return new TextDecoder().decode(await archive.read(containerId, path));
  }
  return rootCertificates.join('\n');
}

function networkName(sandboxId: string): string {
  return `sandglass-egress-${sandboxId}`;
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/** Node's own variable: whose certificates this computer's user trusts besides the usual ones. */
function extraCertificates({ NODE_EXTRA_CA_CERTS: file }: NodeJS.ProcessEnv): string[] {
  return file && existsSync(file) ? [readFileSync(file, 'utf8')] : [];
}
