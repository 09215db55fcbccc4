import { expect, test } from 'vitest';
import { packageChange } from '../../renderer/features/snapshots/changes/packageVersions';

/** Pairs with the results of `dpkg --compare-versions`. */
const debian = [
  ['1.0', '2.0', 'upgraded'],
  ['1.9', '1.10', 'upgraded'],
  ['1.0~rc1', '1.0', 'upgraded'],
  ['1.0~~', '1.0~', 'upgraded'],
  ['1.0', '1.0+b1', 'upgraded'],
  ['1.0-1', '1.0-1+deb12u1', 'upgraded'],
  ['9.9', '1:0.1', 'upgraded'],
  ['1.0a', '1.0b', 'upgraded'],
  ['1.0a', '1.0+', 'upgraded'],
  ['2.36-9+deb12u4', '2.36-9+deb12u10', 'upgraded'],
  ['5.10.0-8.1', '5.10.0-08.2', 'upgraded'],
  ['1.0+', '1.0a', 'downgraded'],
  ['1:0.1', '9.9', 'downgraded'],
  ['1.0', '1.0~rc1', 'downgraded'],
  ['1.0', '1.0-0', 'changed'],
  ['0:1.0', '1.0', 'changed'],
  ['1.01', '1.1', 'changed'],
] as const;

test.each(debian)('apt: from %s to %s is %s', (before, after, change) => {
  expect(packageChange({ manager: 'apt', name: 'x', before, after })).toBe(change);
});

test('other managers: only plain numbers are ordered', () => {
  const change = (manager: 'pip' | 'npm' | 'apk', before: string, after: string) =>
    packageChange({ manager, name: 'x', before, after });
  expect(change('pip', '1.9', '1.10')).toBe('upgraded');
  expect(change('npm', '2.0.0', '1.9.9')).toBe('downgraded');
  expect(change('apk', '1.36.1-r2', '1.36.1-r29')).toBe('upgraded');
  expect(change('pip', '1.0', '1.0.post1')).toBe('changed');
  expect(change('npm', '1.0.0-beta.1', '1.0.0')).toBe('changed');
  expect(change('apk', '1.0_rc1-r0', '1.0-r0')).toBe('changed');
  expect(change('npm', '1.0.0', '1.0.0, 2.0.0')).toBe('changed');
});
