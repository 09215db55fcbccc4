import type { SecretProtection } from '#shared/contract/registries';

/** Seals passwords for storing. Around the engine, Electron lends it the system's keychain. */
export interface SecretVault {
  readonly protection: SecretProtection;
  seal(secret: string): string;
  /** @throws when it was sealed by another vault, or for another user */
  unseal(sealed: string): string;
}

const prefix = 'file:';

/** For where there is no keychain: the file's permissions are all that guards a secret. */
export const fileVault: SecretVault = {
  protection: 'file',
  seal: (secret) => prefix + Buffer.from(secret).toString('base64'),
  unseal: (sealed) => {
    if (!sealed.startsWith(prefix)) throw new Error('This secret was sealed by a keychain.');
    return Buffer.from(sealed.slice(prefix.length), 'base64').toString('utf8');
  },
};
