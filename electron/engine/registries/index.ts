import { join } from 'node:path';
import type { EngineContext } from '../context';
import { os } from '../operations';
import type { SettingsStore } from '../settings';
import { Credentials } from './credentials';
import { Registries } from './registries';
import { RegistryFile } from './registryFile';
import { SecretStore } from './secretStore';
import type { SecretVault } from './secretVault';

export type { Credentials, LoginChoice } from './credentials';
export type { SecretStore } from './secretStore';
export { fileVault, type SecretVault } from './secretVault';

export interface RegistriesNeeds {
  home: string;
  env: NodeJS.ProcessEnv;
  vault: SecretVault;
  settings: SettingsStore;
}

/** Registered registries, logins for pulls, and sealed secrets. */
export function openRegistries(context: EngineContext, needs: RegistriesNeeds) {
  const { home, env, vault, settings } = needs;
  const secrets = new SecretStore(vault, settings);
  const file = new RegistryFile(join(home, 'registries.json'));
  const registries = new Registries(context, file, secrets);
  return {
    secrets,
    credentials: new Credentials(registries, env),
    operations: {
      list: os.registries.list.handler(() => registries.list()),
      get: os.registries.get.handler(({ input }) => registries.get(input.registry)),
      create: os.registries.create.handler(({ input }) => registries.create(input)),
      update: os.registries.update.handler(({ input: { registry, ...change } }) =>
        registries.update(registry, change),
      ),
      delete: os.registries.delete.handler(({ input }) => registries.delete(input.registry)),
      test: os.registries.test.handler(({ input }) => registries.test(input.registry)),
      protection: os.registries.protection.handler(() => ({ protection: registries.protection })),
    },
  };
}
