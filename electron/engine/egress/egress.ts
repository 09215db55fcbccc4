import { existsSync, readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import pLimit from 'p-limit';
import type { EgressInput, Egress as EgressView } from '#shared/contract/schemas/egress';
import { SandglassError } from '#shared/errors';
import type { EngineContext } from '../context';
import { describeObject } from '../docker';
import type { SecretStore } from '../registries';
import type { Certificates } from './certificates';
import { type EgressFile, newToken, type StoredEgress } from './egressFile';
import { EgressProxy } from './egressProxy';
import { isUsable } from './hostMatch';
import { ProxyListeners } from './proxyListeners';
import { trustAuthority } from './trustBundle';

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

/** What sandboxes may reach, and which headers their requests get on the way. */
export class Egress {
  private readonly proxy: EgressProxy;
  private readonly listeners: ProxyListeners;
  /** One change after the other: two at once would move a sandbox between networks. */
  private readonly inTurn = pLimit(1);

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
      this.secrets.requireProtection('egress.rules');
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
    await this.inTurn(() => this.replace(sandbox, input));
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
    if (this.file.find(sandbox.id)) await this.listeners.listenFor(sandbox.containerId);
  }

  /** The variables of a command in a running sandbox: its own, and what it is told of its way out. */
  async environment(
    sandbox: RunningSandbox,
    own: Record<string, string>,
  ): Promise<Record<string, string>> {
    const stored = this.file.find(sandbox.id);
    if (!stored || !sandbox.network) return own;
    const { host, port } = await this.listeners.listenFor(sandbox.containerId);
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
        ? await this.trustProxy(sandbox.containerId)
        : {}),
    };
  }

  async close(): Promise<void> {
    await this.inTurn(() => {});
    this.proxy.close();
    await this.listeners.close();
  }

  /** Without a sandbox that has something for its way out there is no proxy. */
  private closeIfIdle(): void {
    if (this.file.all().length === 0) void this.listeners.close();
  }

  /** What makes programs trust the proxy's certificates. */
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
}

function networkName(sandboxId: string): string {
  return `sandglass-egress-${sandboxId}`;
}

/** Node's own variable: whose certificates this computer's user trusts besides the usual ones. */
function extraCertificates({ NODE_EXTRA_CA_CERTS: file }: NodeJS.ProcessEnv): string[] {
  return file && existsSync(file) ? [readFileSync(file, 'utf8')] : [];
}
