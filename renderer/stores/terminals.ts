import type { Terminal } from '#shared/contract/terminals';
import { createCollection } from './collection';

export const useTerminals = createCollection<Terminal>();
