import { expect, it } from 'vitest';
import { capacityWarning, type DiskUse, newCapacityWarning } from '#shared/capacity';

const MIB = 1024 ** 2;
const use = (mebibytes: number | null, kind: DiskUse['capacityKind'] = 'soft'): DiskUse => ({
  name: 'box',
  fsCapacityBytes: 100 * MIB,
  fsUsedBytes: mebibytes === null ? null : mebibytes * MIB,
  capacityKind: kind,
});

it('a disk has one warning from 80 %, another from 100 %', () => {
  expect(capacityWarning(use(79))).toBeNull();
  expect(capacityWarning(use(null))).toBeNull();
  expect(capacityWarning({ ...use(500), fsCapacityBytes: null })).toBeNull();
  expect(capacityWarning(use(80))).toBe('The disk is 80 % full; 20.0 MiB left.');
  expect(capacityWarning(use(100))).toContain('capture the sandbox with a larger capacity');
  expect(capacityWarning(use(100, 'hard'))).toContain('Writes fail');
});

it('a threshold warns once, and again only after usage was below it', () => {
  expect(newCapacityWarning(null, use(85))).toContain('85 %');
  expect(newCapacityWarning(use(null), use(85))).toContain('85 %');
  expect(newCapacityWarning(use(85), use(90))).toBeNull();
  expect(newCapacityWarning(use(90), use(120))).toContain('full');
  expect(newCapacityWarning(use(120), use(130))).toBeNull();
  expect(newCapacityWarning(use(120), use(85))).toBeNull();
  expect(newCapacityWarning(use(50), use(85))).toContain('85 %');
});
