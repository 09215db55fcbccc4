/** A numbered step from one version of the catalog to the next. */
export interface Migration {
  version: number;
  sql: string;
}
