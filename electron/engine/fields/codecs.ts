import { z } from 'zod';
import { runConfigSchema } from '#shared/contract/fields';

/** A value as better-sqlite3 binds and returns it. */
export type ColumnValue = string | number | null;

/** Both stored forms of a field. A label is text, and empty for an absent value. */
export interface Codec<T> {
  toColumn(value: T): ColumnValue;
  fromColumn(stored: ColumnValue): T;
  toLabel(value: T): string;
  /** Returns the value of an empty label for one that is damaged. */
  fromLabel(label: string): T;
}

/** Text, or one of several words. */
export function text<T extends string = string>(): Codec<T> {
  return {
    toColumn: (value) => value,
    fromColumn: (stored) => stored as T,
    toLabel: (value) => value,
    fromLabel: (label) => label as T,
  };
}

export const number: Codec<number> = {
  toColumn: (value) => value,
  fromColumn: (stored) => stored as number,
  toLabel: (value) => String(value),
  fromLabel: (label) => Number(label) || 0,
};

/** Milliseconds since 1970; ISO 8601 in a label. */
export const time: Codec<number> = {
  ...number,
  toLabel: (value) => new Date(value).toISOString(),
  fromLabel: (label) => Date.parse(label) || 0,
};

/** 0 or 1; `yes` or nothing in a label. */
export const flag: Codec<boolean> = {
  toColumn: (value) => (value ? 1 : 0),
  fromColumn: (stored) => stored === 1,
  toLabel: (value) => (value ? 'yes' : ''),
  fromLabel: (label) => label === 'yes',
};

export function nullable<T>(codec: Codec<T>): Codec<T | null> {
  return {
    toColumn: (value) => (value === null ? null : codec.toColumn(value)),
    fromColumn: (stored) => (stored === null ? null : codec.fromColumn(stored)),
    toLabel: (value) => (value === null ? '' : codec.toLabel(value)),
    fromLabel: (label) => (label === '' ? null : codec.fromLabel(label)),
  };
}

/** JSON text. Labels may be written by others, so only they are validated. */
export function json<T, E extends T | null>(schema: z.ZodType<T>, empty: E): Codec<T | E> {
  return {
    toColumn: (value) => JSON.stringify(value),
    fromColumn: (stored) => JSON.parse(stored as string),
    toLabel: (value) => JSON.stringify(value),
    fromLabel: (label) => {
      try {
        return label ? schema.parse(JSON.parse(label)) : empty;
      } catch {
        return empty;
      }
    },
  };
}

export const userLabels = json(z.record(z.string(), z.string()), {});

export const runConfig = json(runConfigSchema, { user: null, workDir: null, env: {} });
