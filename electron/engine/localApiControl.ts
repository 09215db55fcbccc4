import type { LocalApiStatus } from '#shared/contract/localApi';
import { SandglassError } from '#shared/errors';
import { os } from './operations';

/** Control of the API server that is built on the engine. */
export interface LocalApiControl {
  status(): LocalApiStatus;
  key(): string;
  /** @throws SandglassError `conflict` if the environment sets the key */
  rotateKey(): void;
  retry(): Promise<LocalApiStatus>;
  onStatus(listener: (status: LocalApiStatus) => void): void;
}

const off: LocalApiStatus = {
  state: 'off',
  address: null,
  socketPath: null,
  isKeyFixed: false,
  isPortFixed: false,
  error: null,
};

/** For an engine without an API server, as in tests. */
export const noLocalApi: LocalApiControl = {
  status: () => off,
  key: () => '',
  rotateKey: () => {
    throw new SandglassError('conflict', 'The local API is not available here.');
  },
  retry: async () => off,
  onStatus: () => {},
};

/** Operations on the local API. */
export function localApiOperations(localApi: LocalApiControl) {
  return {
    status: os.localApi.status.handler(() => localApi.status()),
    key: os.localApi.key.handler(() => ({ key: localApi.key() })),
    rotateKey: os.localApi.rotateKey.handler(() => {
      localApi.rotateKey();
      return { key: localApi.key() };
    }),
    retry: os.localApi.retry.handler(() => localApi.retry()),
  };
}
