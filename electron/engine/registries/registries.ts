import { randomUUID } from 'node:crypto';
import type { Registry } from '#shared/contract/registries';
import { SandglassError } from '#shared/errors';
import type { EngineContext } from '../context';
import type { RegistryLogin } from '../docker';
import { registryHost } from './imageRegistry';
import type { RegistryFile, StoredRegistry } from './registryFile';
import type { SecretStore } from './secretStore';

interface RegistryInput {
  name: string;
  url: string;
  username: string;
  password: string;
}

/** Registered registries. Their passwords are passed to Docker only. */
export class Registries {
  constructor(
    private readonly context: EngineContext,
    private readonly file: RegistryFile,
    private readonly secrets: SecretStore,
  ) {}

  get protection() {
    return this.secrets.protection;
  }

  list(): Registry[] {
    return this.file.all().map(withoutSecret);
  }

  /** @throws SandglassError `not_found` */
  get(reference: string): Registry {
    return withoutSecret(this.find(reference));
  }

  /** @throws SandglassError `name_taken`; `secrets_unprotected` without a keychain or consent */
  create(input: RegistryInput): Registry {
    this.requireFreeName(input.name, null);
    const now = Date.now();
    const { password, ...described } = input;
    return this.save({
      ...described,
      id: randomUUID(),
      sealedPassword: this.seal(password),
      createdAt: now,
      updatedAt: now,
    });
  }

  /**
   * Omitted fields keep their values.
   *
   * @throws SandglassError `not_found`, `name_taken`, `secrets_unprotected`, `invalid_input` (a new
   * address without a password)
   */
  update(reference: string, change: Partial<RegistryInput>): Registry {
    const stored = this.find(reference);
    if (change.name !== undefined) this.requireFreeName(change.name, stored.id);
    const isMoved = registryHost(change.url ?? stored.url) !== registryHost(stored.url);
    if (isMoved && change.password === undefined) {
      throw new SandglassError(
        'invalid_input',
        'password: a registry with a new address needs its password again.',
        { field: 'password', hint: 'A stored password is never sent to another address.' },
      );
    }
    return this.save({
      ...stored,
      name: change.name ?? stored.name,
      url: change.url ?? stored.url,
      username: change.username ?? stored.username,
      sealedPassword: change.password ? this.seal(change.password) : stored.sealedPassword,
      updatedAt: Date.now(),
    });
  }

  /** Deletes a registry and its password. @throws SandglassError `not_found` */
  delete(reference: string): void {
    const { id } = this.find(reference);
    this.file.save(this.file.all().filter((registry) => registry.id !== id));
    this.context.changes.announce({ type: 'registry.removed', id });
  }

  /** Tests the login. @throws SandglassError `registry_*`, `not_found`, `engine_unreachable` */
  async test(reference: string): Promise<void> {
    await this.context.docker.registry.checkLogin(this.login(reference));
  }

  /** Returns the login of a registered registry. @throws SandglassError `not_found`, `registry_denied` */
  login(reference: string): RegistryLogin {
    const { name, url, username, sealedPassword } = this.find(reference);
    try {
      return { server: url, username, password: this.secrets.unseal(sealedPassword) };
    } catch {
      // Without a cause, which could contain part of a secret.
      throw new SandglassError(
        'registry_denied',
        `The password of "${name}" cannot be read from the keychain.`,
        { hint: 'Open the registry in Settings and enter the password again.' },
      );
    }
  }

  private seal(password: string): string {
    const alternatives = ', use "docker login", or give the login with each build';
    this.secrets.requireProtection('password', alternatives);
    return this.secrets.seal(password);
  }

  private find(reference: string): StoredRegistry {
    const found = this.file.all().find(({ id, name }) => id === reference || name === reference);
    if (found) return found;
    throw new SandglassError('not_found', `There is no registry "${reference}".`, {
      field: 'registryId',
      hint: 'Add it in Settings, under Registries.',
    });
  }

  private requireFreeName(name: string, ownId: string | null): void {
    if (!this.file.all().some((other) => other.name === name && other.id !== ownId)) return;
    throw new SandglassError('name_taken', `A registry "${name}" already exists.`, {
      field: 'name',
    });
  }

  private save(registry: StoredRegistry): Registry {
    const others = this.file.all().filter(({ id }) => id !== registry.id);
    const all = [...others, registry].sort((a, b) => a.name.localeCompare(b.name));
    this.file.save(all);
    const shown = withoutSecret(registry);
    this.context.changes.announce({ type: 'registry', registry: shown });
    return shown;
  }
}

function withoutSecret({ sealedPassword: _, ...registry }: StoredRegistry): Registry {
  return registry;
}
