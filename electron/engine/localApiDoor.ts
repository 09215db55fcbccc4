import type { LocalApiStatus } from '#shared/contract/localApi';
import { SandglassError } from '#shared/errors';

/** What the engine knows of the API that is served around it. */
export interface LocalApiDoor {
  status(): LocalApiStatus;
  /** @throws SandglassError `conflict` when the environment has set the key */
  rotateKey(): LocalApiStatus;
  onStatus(listener: (status: LocalApiStatus) => void): void;
}

/** For an engine that nothing is served around, as in tests. */
export const noLocalApi: LocalApiDoor = {
  status: () => ({
    state: 'off',
    address: null,
    socketPath: null,
    key: '',
    isKeyFixed: false,
    isPortFixed: false,
    error: null,
  }),
  rotateKey: () => {
    throw new SandglassError('conflict', 'There is no local API here.');
  },
  onStatus: () => {},
};
