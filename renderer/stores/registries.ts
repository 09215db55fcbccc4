import type { Registry } from '#shared/contract/registries';
import { createCollection } from './collection';

export const useRegistries = createCollection<Registry>();
