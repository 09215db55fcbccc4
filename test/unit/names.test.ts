import { describe, expect, it } from 'vitest';
import { parseSnapshotReference, sandboxNameSchema, snapshotNameSchema } from '#shared/names';

describe('snapshot names', () => {
  it.each(['python', 'team/python-ml', 'a.b_c__d--e', '3.12'])('allows %s', (name) => {
    expect(snapshotNameSchema.safeParse(name).success).toBe(true);
  });

  it.each(['', 'Python', 'a b', '-a', 'a-', 'a//b', 'a:b', 'ümlaut', '../up', 'x'.repeat(129)])(
    'refuses "%s" and says what is allowed',
    (name) => {
      const result = snapshotNameSchema.safeParse(name);
      expect(result.success).toBe(false);
      expect(result.error?.issues[0]?.message).toMatch(/name/i);
    },
  );
});

describe('sandbox names', () => {
  it.each(['setup-box', 'a', '0', 'x'.repeat(63)])('allows %s', (name) => {
    expect(sandboxNameSchema.safeParse(name).success).toBe(true);
  });

  it.each(['', 'Box', 'a_b', '-a', 'a-', 'a.b', 'x'.repeat(64), 'a\nb', '💥'])(
    'refuses "%s"',
    (name) => {
      expect(sandboxNameSchema.safeParse(name).success).toBe(false);
    },
  );
});

describe('snapshot references', () => {
  it.each([
    ['ml-ready', { name: 'ml-ready', tag: null }],
    ['ml-ready:v2', { name: 'ml-ready', tag: 'v2' }],
    ['team/ml:v2', { name: 'team/ml', tag: 'v2' }],
  ])('splits %s', (text, expected) => {
    expect(parseSnapshotReference(text)).toEqual(expected);
  });
});
