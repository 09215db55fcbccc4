import type { SecretProtection } from '#shared/contract/registries';

/** Seals secrets for storage. The desktop app provides one over the system's keychain. */
export interface SecretVault {
  readonly protection: SecretProtection;
  seal(secret: string): string;
  /** @throws if it was sealed by another vault or for another user */
  unseal(sealed: string): string;
}

const prefix = 'file:';

/** Encodes secrets without a keychain: file permissions alone protect them. */
export const fileVault: SecretVault = {
  protection: 'file',
  seal: (secret) => prefix + Buffer.from(secret).toString('base64'),
  unseal: (sealed) => {
    if (!sealed.startsWith(prefix)) throw new Error('This secret was sealed by a keychain.');
    return Buffer.from(sealed.slice(prefix.length), 'base64').toString('utf8');
  },
};
