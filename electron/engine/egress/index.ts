import { join } from 'node:path';
import type { EngineContext } from '../context';
import type { SecretStore, SecretVault } from '../registries';
import { Certificates } from './certificates';
import { Egress } from './egress';
import { EgressFile } from './egressFile';

export type { Egress } from './egress';

export interface EgressNeeds {
  home: string;
  env: NodeJS.ProcessEnv;
  vault: SecretVault;
  secrets: SecretStore;
  onError: (thrown: unknown) => void;
}

/** Network rules of sandboxes, and the proxy that enforces them. */
export function openEgress(context: EngineContext, needs: EgressNeeds): Egress {
  const { home, env, vault, secrets, onError } = needs;
  const file = new EgressFile(join(home, 'egress.json'), onError);
  const certificates = new Certificates(join(home, 'authority.json'), vault);
  return new Egress(context, file, secrets, certificates, { env, onError });
}
