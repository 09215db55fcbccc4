import { create } from 'zustand';
import type { LocalApiStatus } from '#shared/contract/localApi';
import { operations } from '../api/operations';

interface LocalApiState {
  /** State and address of the local API; null until known. */
  status: LocalApiStatus | null;
  /** The API key while it is displayed, otherwise null. */
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

/** Generates a new key, and updates the displayed one. */
export async function rotateApiKey(): Promise<void> {
  const { key } = await operations.localApi.rotateKey();
  useLocalApi.setState(({ shownKey }) => ({ shownKey: shownKey === null ? null : key }));
}
