export function sumOf<T>(items: Iterable<T>, bytes: (item: T) => number): number {
  let total = 0;
  for (const item of items) total += bytes(item);
  return total;
}
