import type { z } from 'zod';

/** What is wrong with a value by its schema, or null. */
export function firstIssue(schema: z.ZodType, value: unknown): string | null {
  return schema.safeParse(value).error?.issues[0]?.message ?? null;
}
