import { migration001 } from './001-first-tables';
import { migration002 } from './002-limits-and-registries';
import { migration003 } from './003-memory';
import { migration004 } from './004-outcomes';
import { migration005 } from './005-ancestors';
import { migration006 } from './006-image-layers';
import type { Migration } from './migration';

export type { Migration } from './migration';

/** In order, without a gap; a shipped one is never changed. */
export const migrations: readonly Migration[] = [
  migration001,
  migration002,
  migration003,
  migration004,
  migration005,
  migration006,
];
