import type { StoredEgress } from './egressFile';

/** A sandbox authenticated by its token, with its current rules. */
export interface EgressClient {
  egress: StoredEgress;
  unseal(sealed: string): string;
}
