import { rootCertificates } from 'node:tls';
import pLimit from 'p-limit';
import type { EgressInput, Egress as EgressView } from '#shared/contract/schemas/egress';
import { SandglassError } from '#shared/errors';
import type { EngineContext } from '../context';
import { describeObject } from '../docker';
import type { SecretStore } from '../registries';
import { type Certificates, extraCertificates } from './certificates';
import { type EgressFile, newToken, type StoredEgress } from './egressFile';
import { EgressProxy } from './egressProxy';
import { isValidPattern } from './hostMatch';
import { ProxyListeners } from './proxyListeners';
import { trustAuthority } from './trustBundle';

/** A running sandbox. */
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

/** Network access rules of sandboxes, and headers injected into their requests. */
export class Egress {
  private readonly proxy: EgressProxy;
  private readonly listeners: ProxyListeners;
  /** Serializes changes, which move sandboxes between networks. */
  private readonly serial = pLimit(1);

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
    this.listeners = new ProxyListeners(context, file, (socket) => this.proxy.accept(socket));
  }

  /** Returns a sandbox's egress rules without secrets; null if it has none. */
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
   * Validates egress rules before a sandbox is created or changed.
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
    const invalid = patterns.find((text) => !isValidPattern(text));
    if (invalid !== undefined) {
      throw new SandglassError('invalid_input', `egress: "${invalid}" is not a valid pattern.`, {
        field: 'egress.access',
        hint: 'Regular expressions (RE2) support neither backreferences nor lookaround.',
      });
    }
    if (!this.context.docker.networks.isReachable) {
      throw new SandglassError(
        'invalid_input',
        'egress: the containers of this Docker run on another computer and cannot reach the proxy.',
        { field: 'egress', hint: 'Use a Docker Engine on this computer.' },
      );
    }
    if (!sandbox.network) {
      throw new SandglassError(
        'invalid_input',
        'egress: a sandbox without a network cannot have egress rules.',
        {
          field: 'egress',
        },
      );
    }
    if (input.access && sandbox.ports.length > 0) {
      throw new SandglassError(
        'invalid_input',
        'egress: a sandbox with an access list is isolated from the network and cannot publish ports.',
        {
          field: 'egress.access',
          hint: 'Remove the ports. Service URLs work without them.',
        },
      );
    }
    if (input.access && !this.context.docker.networks.hasGateway) {
      throw new SandglassError(
        'invalid_input',
        'egress: access lists need a Docker Engine that runs directly on this computer (Linux).',
        { field: 'egress.access', hint: 'With this Docker, a sandbox could bypass the list.' },
      );
    }
    if (input.rules.some(({ headers }) => headers.some(({ secret }) => secret))) {
      this.secrets.requireProtection('egress.rules');
    }
    this.toStored('', input, before);
  }

  /** Validates a change of an existing sandbox's egress. @throws SandglassError as `check` */
  checkChange(sandbox: KnownSandbox, input: EgressInput | null): void {
    this.check(input, sandbox, this.file.find(sandbox.id));
  }

  /**
   * Replaces a sandbox's egress rules; null removes them. The proxy applies them at once, environment
   * variables with the next command. Returns a function that restores the former rules.
   *
   * @throws SandglassError as `check`, or if Docker cannot move the sandbox to another network
   */
  async set(sandbox: KnownSandbox, input: EgressInput | null): Promise<() => Promise<void>> {
    const before = await this.serial(() => this.replace(sandbox, input));
    return () => this.serial(() => this.apply(sandbox, before));
  }

  private async replace(
    sandbox: KnownSandbox,
    input: EgressInput | null,
  ): Promise<StoredEgress | null> {
    const before = this.file.find(sandbox.id);
    this.check(input, sandbox, before);
    await this.apply(sandbox, input && this.toStored(sandbox.id, input, before));
    return before;
  }

  private async apply(sandbox: KnownSandbox, next: StoredEgress | null): Promise<void> {
    const before = this.file.find(sandbox.id);
    this.store(sandbox.id, next);
    try {
      const { containerId } = sandbox;
      const wasIsolated = before?.access != null;
      if (containerId && wasIsolated !== (next?.access != null)) {
        await this.place(sandbox.id, containerId);
        if (wasIsolated) await this.context.docker.networks.remove(networkName(sandbox.id));
      }
    } catch (thrown) {
      this.store(sandbox.id, before);
      throw thrown;
    }
    // Open connections were allowed by the former rules.
    if (before) this.proxy.closeConnections(sandbox.id);
    this.closeIfIdle();
  }

  private store(sandboxId: string, egress: StoredEgress | null): void {
    if (egress) this.file.put(egress);
    else this.file.remove(sandboxId);
  }

  /** Connects a container to the network that its access list requires. */
  async place(sandboxId: string, containerId: string): Promise<void> {
    const { networks } = this.context.docker;
    if (!this.file.find(sandboxId)?.access) {
      await networks.move(containerId, null);
      return;
    }
    // Each sandbox has its own network: on a shared one, sandboxes could bypass their lists through others.
    const name = networkName(sandboxId);
    const home = this.context.identity;
    const labels = { kind: 'network', home, id: sandboxId, name, createdAt: Date.now() } as const;
    await networks.ensureInternal(name, describeObject(labels));
    await networks.move(containerId, name);
  }

  /** Removes the rules and the network of a deleted sandbox. */
  async forget(sandboxId: string): Promise<void> {
    const wasIsolated = this.file.find(sandboxId)?.access != null;
    this.file.remove(sandboxId);
    this.proxy.closeConnections(sandboxId);
    this.closeIfIdle();
    if (wasIsolated) await this.context.docker.networks.remove(networkName(sandboxId));
  }

  /** Removes the rules and networks of all sandboxes but these. */
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

  /** Listens for a sandbox that kept running while the app restarted. */
  async resume(sandbox: RunningSandbox): Promise<void> {
    if (this.file.find(sandbox.id)) await this.listeners.listenFor(sandbox.containerId);
  }

  /** Returns a command's environment variables with those of the proxy. */
  async environment(
    sandbox: RunningSandbox,
    own: Record<string, string>,
  ): Promise<Record<string, string>> {
    const stored = this.file.find(sandbox.id);
    if (!stored || !sandbox.network) return own;
    const { host, port } = await this.listeners.listenFor(sandbox.containerId);
    const enabled = stored.rules.filter((rule) => rule.enabled);
    const url = `http://${stored.sandboxId}:${stored.token}@${host}:${port}`;
    const noProxy = 'localhost,127.0.0.1,::1';
    return {
      // Placeholders for programs that require a value. The sandbox's own variables take precedence.
      ...Object.assign({}, ...enabled.map(({ env }) => env)),
      ...own,
      ...{ HTTP_PROXY: url, HTTPS_PROXY: url, http_proxy: url, https_proxy: url },
      ...{ NO_PROXY: noProxy, no_proxy: noProxy },
      // Node ignores the proxy variables without this one.
      NODE_USE_ENV_PROXY: '1',
      ...(enabled.some(({ headers }) => headers.length > 0)
        ? await this.trustProxy(sandbox.containerId)
        : {}),
    };
  }

  async close(): Promise<void> {
    await this.serial(() => {});
    this.proxy.close();
    await this.listeners.close();
  }

  /** Stops the proxy when no sandbox has egress rules. */
  private closeIfIdle(): void {
    if (this.file.all().length === 0) void this.listeners.close();
  }

  /** Returns the variables that make programs trust the proxy's certificates. */
  private async trustProxy(containerId: string): Promise<Record<string, string>> {
    const authority = await this.certificates.authorityCertificate();
    return await trustAuthority(this.context.docker.archive, containerId, authority);
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
              hint: 'A stored secret is never sent to a new host.',
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
}

function networkName(sandboxId: string): string {
  return `sandglass-egress-${sandboxId}`;
}
