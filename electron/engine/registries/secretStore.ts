import { SandglassError } from '#shared/errors';
import type { SettingsStore } from '../settings';
import type { SecretVault } from './secretVault';

/** Seals secrets with the keychain or, with the user's consent, without one. */
export class SecretStore {
  constructor(
    private readonly vault: SecretVault,
    private readonly settings: SettingsStore,
  ) {}

  get protection() {
    return this.vault.protection;
  }

  /**
   * Requires a keychain or the user's consent to store secrets without one.
   *
   * @param field input field of the secret
   * @param alternatives end of the hint's sentence, with other options for the user
   * @throws SandglassError `secrets_unprotected`
   */
  requireProtection(field: string, alternatives = ''): void {
    const hasConsent = this.settings.get().storeSecretsUnprotected;
    if (this.vault.protection === 'keychain' || hasConsent) return;
    throw new SandglassError(
      'secrets_unprotected',
      'This system has no keychain, so the secret would be stored unencrypted in a file.',
      { field, hint: `Allow that in Settings (storeSecretsUnprotected)${alternatives}.` },
    );
  }

  /** Seals a secret. Call `requireProtection` first. */
  seal(secret: string): string {
    return this.vault.seal(secret);
  }

  /** @throws if it was sealed by another vault or for another user */
  unseal(sealed: string): string {
    return this.vault.unseal(sealed);
  }
}
