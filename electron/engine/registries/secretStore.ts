import { SandglassError } from '#shared/errors';
import type { SettingsStore } from '../settings';
import type { SecretVault } from './secretVault';

/** Seals what must not be read: in the keychain, or where there is none after the user has agreed. */
export class SecretStore {
  constructor(
    private readonly vault: SecretVault,
    private readonly settings: SettingsStore,
  ) {}

  get protection() {
    return this.vault.protection;
  }

  /**
   * @param field where the secret was given
   * @param otherWays what else the user can do, as the rest of a sentence
   * @throws SandglassError `secrets_unprotected`
   */
  refuseUnprotected(field: string, otherWays = ''): void {
    const agreed = this.settings.get().storeSecretsUnprotected;
    if (this.vault.protection === 'keychain' || agreed) return;
    throw new SandglassError(
      'secrets_unprotected',
      'This system offers no keychain, so the secret would lie readable in a file of yours.',
      { field, hint: `Agree to that in Settings (storeSecretsUnprotected)${otherWays}.` },
    );
  }

  /** For `refuseUnprotected` to have been asked before. */
  seal(secret: string): string {
    return this.vault.seal(secret);
  }

  /** @throws when it was sealed by another vault, or for another user */
  unseal(sealed: string): string {
    return this.vault.unseal(sealed);
  }
}
