import type { z } from 'zod';

/** First validation message for a value, or null if it is valid. */
export function firstIssue(schema: z.ZodType, value: unknown): string | null {
  return schema.safeParse(value).error?.issues[0]?.message ?? null;
}
