import { create } from 'zustand';
import type { LocalApiStatus } from '#shared/contract/localApi';
import { operations } from '../api/operations';

interface LocalApiState {
  /** Where the local API is served; null until it is known. */
  status: LocalApiStatus | null;
  /** The key, only while the user looks at it. */
  shownKey: string | null;
}

export const useLocalApi = create<LocalApiState>(() => ({ status: null, shownKey: null }));

export async function fetchApiKey(): Promise<string> {
  return (await operations.localApi.key()).key;
}

export async function showApiKey(): Promise<void> {
  useLocalApi.setState({ shownKey: await fetchApiKey() });
}

export function hideApiKey(): void {
  useLocalApi.setState({ shownKey: null });
}

/** Makes a new key; one that is looked at is replaced in sight. */
export async function rotateApiKey(): Promise<void> {
  const { key } = await operations.localApi.rotateKey();
  useLocalApi.setState(({ shownKey }) => ({ shownKey: shownKey === null ? null : key }));
}
