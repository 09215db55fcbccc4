import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { rootCertificates } from 'node:tls';
import type { EgressInput, Egress as EgressView } from '#shared/contract/egress';
import { SandglassError } from '#shared/errors';
import type { EngineContext } from '../context';
import { describeObject } from '../docker/labels';
import type { SecretStore } from '../registries/secretStore';
import type { Certificates } from './certificates';
import { type EgressFile, newToken, type StoredEgress } from './egressFile';
import { EgressProxy } from './egressProxy';

/** Where a sandbox that runs can be reached, and what is asked of its way out. */
interface RunningSandbox {
  id: string;
  containerId: string;
  network: boolean;
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
  private bundle: Promise<string> | null = null;
  /** Until it is known to be gone: an earlier run may have left it. */
  private mayHaveNetwork = true;

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
  async set(
    sandbox: { id: string; containerId: string | null; network: boolean; ports: unknown[] },
    input: EgressInput | null,
  ): Promise<void> {
    const before = this.file.find(sandbox.id);
    this.check(input, sandbox, before);
    if (input === null) this.file.remove(sandbox.id);
    else this.file.put(this.toStored(sandbox.id, input, before));
    try {
      const { containerId } = sandbox;
      const isCut = before?.access != null;
      if (containerId && isCut !== (input?.access != null)) {
        await this.place(sandbox.id, containerId);
        if (isCut) await this.removeNetwork();
      }
    } catch (thrown) {
      if (before) this.file.put(before);
      else this.file.remove(sandbox.id);
      throw thrown;
    }
  }

  /** Puts a container on the network that its access list asks for. */
  async place(sandboxId: string, containerId: string): Promise<void> {
    const { networks } = this.context.docker;
    if (!this.file.find(sandboxId)?.access) {
      await networks.move(containerId, null);
      return;
    }
    this.mayHaveNetwork = true;
    await networks.ensureInternal(
      this.networkName,
      describeObject({
        kind: 'network',
        home: this.context.identity,
        id: this.context.identity,
        name: this.networkName,
        createdAt: Date.now(),
      }),
    );
    await networks.move(containerId, this.networkName);
  }

  /** Forgets a sandbox that is gone, and its network with the last one on it. */
  async forget(sandboxId: string): Promise<void> {
    const wasCut = this.file.find(sandboxId)?.access != null;
    this.file.remove(sandboxId);
    if (wasCut) await this.removeNetwork();
  }

  /** The same for all but these: Docker may have lost others while nobody looked. */
  async keepOnly(sandboxIds: ReadonlySet<string>): Promise<void> {
    for (const { sandboxId } of this.file.all()) {
      if (!sandboxIds.has(sandboxId)) this.file.remove(sandboxId);
    }
    if (this.mayHaveNetwork) await this.removeNetwork();
  }

  /** Listens for a sandbox that runs on, as before a restart of the app. */
  async resume(sandbox: RunningSandbox): Promise<void> {
    if (this.file.find(sandbox.id)) await this.listenFor(sandbox.containerId);
  }

  /** What a command in a running sandbox is told of its way out. */
  async environment(sandbox: RunningSandbox): Promise<Record<string, string>> {
    const stored = this.file.find(sandbox.id);
    if (!stored || !sandbox.network) return {};
    const { host, port } = await this.listenFor(sandbox.containerId);
    const enabled = stored.rules.filter((rule) => rule.enabled);
    const url = `http://${stored.sandboxId}:${stored.token}@${host}:${port}`;
    const around = 'localhost,127.0.0.1,::1';
    return {
      ...{ HTTP_PROXY: url, HTTPS_PROXY: url, http_proxy: url, https_proxy: url },
      ...{ NO_PROXY: around, no_proxy: around },
      ...(enabled.some(({ headers }) => headers.length > 0)
        ? await this.trust(sandbox.containerId)
        : {}),
      ...Object.assign({}, ...enabled.map(({ env }) => env)),
    };
  }

  async close(): Promise<void> {
    this.proxy.close();
    const all = await Promise.allSettled(this.listeners.values());
    for (const listener of all) if (listener.status === 'fulfilled') listener.value.close();
  }

  private get networkName(): string {
    return `sandglass-${this.context.identity}-egress`;
  }

  private async removeNetwork(): Promise<void> {
    if (this.file.all().some(({ access }) => access !== null)) return;
    await this.context.docker.networks.removeUnused(this.networkName);
    this.mayHaveNetwork = false;
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
        const known = before?.rules
          .find((old) => old.name === rule.name)
          ?.headers.find((old) => old.name === name && old.secret && secret);
        if (known) return known;
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
    this.bundle ??= this.certificates
      .authorityCertificate()
      .then((own) => [...rootCertificates, own].join('\n'));
    const bundle = Buffer.from(`${await this.bundle}\n`);
    const { archive } = this.context.docker;
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

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/** Node's own variable: whose certificates this computer's user trusts besides the usual ones. */
function extraCertificates({ NODE_EXTRA_CA_CERTS: file }: NodeJS.ProcessEnv): string[] {
  return file && existsSync(file) ? [readFileSync(file, 'utf8')] : [];
}
