import type { Codec, ColumnValue } from './codecs';

/** How a field of an object is stored. */
export interface Field<T> {
  /** In the object's SQL table. */
  column: string;
  codec: Codec<T>;
  /** The label on the Docker object, without its prefix. The codec's label form is used. */
  label?: string;
  /** Value in a new record that does not give one. */
  initial?: T;
}

/** Declares a field; the type keeps which options are given. */
export function field<T, O extends Pick<Field<T>, 'label' | 'initial'>>(
  column: string,
  codec: Codec<T>,
  options?: O,
): Field<T> & O {
  return { column, codec, ...options } as Field<T> & O;
}

/** All fields of a record: a field that the table lacks does not compile. */
export type FieldTable<R> = { readonly [K in keyof R]-?: Field<R[K]> };

/** A row as SQLite returns it. */
export type Row = Record<string, ColumnValue>;

type Fields = Readonly<Record<string, Field<unknown>>>;

type ValueOf<F> = F extends { codec: Codec<infer V> } ? V : never;
type Initialized<T> = { [K in keyof T]: T[K] extends { initial: unknown } ? K : never }[keyof T];

export type RecordOf<T> = { [K in keyof T]: ValueOf<T[K]> };

/** The values that a new record needs: all but the ones with an initial value. */
export type NewRecord<T> = Omit<RecordOf<T>, Initialized<T>> & Partial<RecordOf<T>>;

/** Makes a record. Undefined values count as not given. */
export function newRecord<T extends Fields>(table: T, values: NewRecord<T>): RecordOf<T> {
  const given: Record<string, unknown> = values;
  const entries = Object.entries(table).map(([name, { initial }]) => [
    name,
    given[name] === undefined ? initial : given[name],
  ]);
  return Object.fromEntries(entries) as RecordOf<T>;
}

/** Picks the values whose names are also names of the table, or of another object. */
export function pickFields<T extends object, V extends object>(
  table: T,
  values: V,
): Pick<V, keyof V & keyof T> {
  const entries = Object.entries(values).filter(
    ([name, value]) => name in table && value !== undefined,
  );
  return Object.fromEntries(entries) as Pick<V, keyof V & keyof T>;
}

/** An INSERT of all columns, with parameters named by the columns. */
export function insertInto(
  sqlTable: string,
  table: Fields,
  conflict: 'OR REPLACE' | '' = '',
): string {
  const columns = Object.values(table).map(({ column }) => column);
  const parameters = columns.map((column) => `@${column}`);
  return `INSERT ${conflict} INTO ${sqlTable} (${columns.join(', ')}) VALUES (${parameters.join(', ')})`;
}

/** The parameters of `insertInto`. Values without a field are ignored. */
export function toRow<T extends Fields>(table: T, record: RecordOf<T>): Row {
  const values: Record<string, unknown> = record;
  const row: Row = {};
  for (const [name, { column, codec }] of Object.entries(table)) {
    row[column] = codec.toColumn(values[name]);
  }
  return row;
}

export function fromRow<T extends Fields>(table: T, row: Row): RecordOf<T> {
  const record: Record<string, unknown> = {};
  for (const [name, { column, codec }] of Object.entries(table)) {
    record[name] = codec.fromColumn(row[column] ?? null);
  }
  return record as RecordOf<T>;
}
