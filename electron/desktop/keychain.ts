import { safeStorage } from 'electron';
import { fileVault, type SecretVault } from '../engine/registries';

const prefix = 'keychain:';

/**
 * Encrypts passwords with the operating system's keychain. Where Electron would only obfuscate them
 * (`basic_text`: Linux without a secret service), falls back to file permissions.
 */
export function openVault(): SecretVault {
  const hasKeychain =
    safeStorage.isEncryptionAvailable() &&
    (process.platform !== 'linux' || safeStorage.getSelectedStorageBackend() !== 'basic_text');
  if (!hasKeychain) return fileVault;
  return {
    protection: 'keychain',
    seal: (secret) => prefix + safeStorage.encryptString(secret).toString('base64'),
    unseal: (sealed) => {
      if (!sealed.startsWith(prefix)) return fileVault.unseal(sealed);
      return safeStorage.decryptString(Buffer.from(sealed.slice(prefix.length), 'base64'));
    },
  };
}
