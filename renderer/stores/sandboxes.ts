import type { Sandbox } from '#shared/contract/sandboxes';
import { createCollection } from './collection';

export const useSandboxes = createCollection<Sandbox>();

export function useSandbox(id: string | null): Sandbox | null {
  return useSandboxes(({ items }) => items.find((item) => item.id === id) ?? null);
}
