/** Whether this is `npm run test:long`, which runs the tests with the tag `long` at full length. */
const isLong = Boolean(process.env.SANDGLASS_LONG);

/** Picks the length of a test with the tag `long`: `npm test` runs the short one. */
export function testLength({ short, long }: { short: number; long: number }): number {
  return isLong ? long : short;
}
