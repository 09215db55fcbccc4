import { migration001 } from './001-first-tables';

/** A numbered step from one version of the catalog to the next. */
export interface Migration {
  version: number;
  sql: string;
}

/** In order, without a gap; a shipped one is never changed. */
export const migrations: readonly Migration[] = [migration001];
