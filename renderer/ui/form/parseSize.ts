const exponents: Record<string, number> = { '': 2, b: 0, k: 1, m: 2, g: 3, t: 4 };

/** Bytes of `500`, `500 MB` or `1.5 GiB`: powers of 1024, MiB by default. Null if malformed. */
export function parseSize(text: string): number | null {
  const [, number, unit = ''] = /^\s*(\d+(?:[.,]\d+)?)\s*([bkmgt]?)(?:i?b)?\s*$/i.exec(text) ?? [];
  const exponent = exponents[unit.toLowerCase()];
  if (number === undefined || exponent === undefined) return null;
  return Math.round(Number(number.replace(',', '.')) * 1024 ** exponent);
}
