import { describe, expect, it } from 'vitest';
import { resolveDestination } from '../../electron/engine/egress/destination';
import type { StoredEgress } from '../../electron/engine/egress/egressFile';
import { matchesGlob } from '../../electron/engine/egress/glob';
import { allowsPort, isValidPattern, matchesHost } from '../../electron/engine/egress/hostMatch';
import { injectedHeaders } from '../../electron/engine/egress/injection';

const at = (host: string, port = 443) => ({ host, port, addresses: [] });

describe('a host pattern', () => {
  it.each([
    ['example.com', 'example.com', 443, true],
    ['Example.COM', 'example.com', 80, true],
    ['example.com', 'sub.example.com', 443, false],
    ['example.com:8443', 'example.com', 8443, true],
    ['example.com:8443', 'example.com', 443, false],
    ['*.example.com', 'a.b.example.com', 443, true],
    ['*.example.com', 'example.com', 443, false],
    ['*.example.com', 'a.example.com.evil.net', 443, false],
    ['*.example.com', 'aXexample.com', 443, false],
    ['~^(api|www)\\.example\\.com$', 'www.example.com', 443, true],
    ['~^(api|www)\\.example\\.com$', 'www.example.com.evil.net', 443, false],
    ['10.0.0.0/8', '10.200.1.1', 443, true],
    ['10.0.0.0/8', '11.0.0.1', 443, false],
    ['192.0.2.1:22', '192.0.2.1', 22, true],
    ['fd00::/8', 'fd12::1', 443, true],
    ['[fd12::1]:8080', 'fd12::1', 8080, true],
  ])('%s and %s:%i: %s', (text, host, port, expected) => {
    expect(matchesHost(text, at(host, port))).toBe(expected);
  });

  it('allows the HTTP ports by default', () => {
    expect([80, 443, 22].map((port) => allowsPort('a.example', port))).toEqual([true, true, false]);
    expect([80, 22].map((port) => allowsPort('a.example:22', port))).toEqual([false, true]);
    expect([80, 22].map((port) => allowsPort('~a', port))).toEqual([true, false]);
  });

  it('is refused if it could cause catastrophic backtracking', () => {
    expect(isValidPattern('~^api\\d+\\.')).toBe(true);
    expect(isValidPattern('~(a)\\1')).toBe(false);
    expect(isValidPattern('~(?=a)b')).toBe(false);
  });

  it('takes no longer for an adversarial name', () => {
    const name = `${'a'.repeat(250)}!`;
    expect(matchesHost('~^(a+)+$', at(name))).toBe(false);
    expect(matchesHost('*a*a*a*a*a*a*a*a*b', at(name))).toBe(false);
  });
});

it.each([
  ['*', '', true],
  ['a*c', 'abbbc', true],
  ['a*c', 'abbb', false],
  ['*ab*ab', 'abxabxab', true],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['', 'a', false],
  ['ab', 'abc', false],
  ['a+(b)', 'ab', false],
])('the glob %j and %j: %s', (glob, text, expected) => {
  expect(matchesGlob(glob, text)).toBe(expected);
});

describe('the headers of a request', () => {
  const rule = (value: string, more: object) => ({
    ...{ name: value, description: '', enabled: true, hosts: ['a.example'], paths: [], env: {} },
    headers: [{ name: 'X-Rule', secret: false, value }],
    ...more,
  });
  const rules = [
    rule('off', { enabled: false }),
    rule('other', { hosts: ['b.example'] }),
    rule('exact', { paths: ['/user'] }),
    rule('prefix', { paths: ['/repos/*'] }),
    rule('suffix', { paths: ['*/runs'] }),
    rule('late', { paths: ['/repos/mine'] }),
  ];
  const egress: StoredEgress = { sandboxId: '', token: '', rules, access: null };

  it.each([
    ['/user', 'exact'],
    ['/user?page=2', 'exact'],
    ['/users', undefined],
    ['/repos/a/b', 'prefix'],
    ['/repos', 'prefix'],
    ['/repos/mine', 'prefix'],
    ['/v1/runs', 'suffix'],
    ['/repos/../secrets', undefined],
    ['/repos/%2e%2e/secrets', undefined],
    ['*', undefined],
  ])('for %s are those of the first rule that matches: %s', (path, expected) => {
    const client = { egress, unseal: (sealed: string) => sealed };
    expect(injectedHeaders(client, { ...at('a.example'), path })['x-rule']).toBe(expected);
  });
});

describe('allowed hosts of a sandbox', () => {
  const goes = async (access: StoredEgress['access'], host: string, port = 443) => {
    const found = resolveDestination(host, port, access);
    return await found.then(
      ({ addresses }) => addresses.join(),
      ({ message }: Error) => message,
    );
  };

  it.each([
    ['127.0.0.1'],
    ['127.9.9.9'],
    ['0.0.0.0'],
    ['::1'],
    ['::'],
    ['::ffff:127.0.0.1'],
    ['::ffff:7f00:1'],
    ['169.254.169.254'],
    ['localhost'],
    ['host.docker.internal'],
  ])('%s is this computer, which nothing but its own name opens', async (host) => {
    expect(await goes(null, host)).toMatch(/the host itself/);
    const everything = { mode: 'allow' as const, hosts: ['*', '~.', '0.0.0.0/0', '::/0'] };
    expect(await goes(everything, host)).toMatch(/the host itself|allow list/);
  });

  it('the host is reachable at the port in an allow list', async () => {
    const named = { mode: 'allow' as const, hosts: ['host.docker.internal:11434'] };
    expect(await goes(named, 'host.docker.internal', 11_434)).toBe('127.0.0.1');
    expect(await goes(named, 'host.docker.internal')).toMatch(/allow list/);
    // The owner of a name can point it to any address.
    const other = { mode: 'allow' as const, hosts: ['localhost:8080'] };
    expect(await goes(other, 'localhost', 8080)).toMatch(/the host itself/);
  });

  it('a host outside the allow list is not resolved', async () => {
    const some = { mode: 'allow' as const, hosts: ['api.example.com'] };
    expect(await goes(some, 'told.by.the.question.invalid')).toMatch(/not on the allow list/);
    expect(await goes(null, 'told.by.the.question.invalid')).toMatch(/cannot be resolved/);
    expect(await goes({ mode: 'allow', hosts: [] }, '192.0.2.1')).toMatch(/not on the allow list/);
  });

  it('a denied host is denied on every port, in every notation', async () => {
    const denied = { mode: 'deny' as const, hosts: ['192.0.2.0/24', '*.evil.example'] };
    expect(await goes(denied, '192.0.2.7', 5432)).toMatch(/deny list.*192\.0\.2\.0\/24/);
    expect(await goes(denied, '::ffff:192.0.2.7')).toMatch(/deny list/);
    expect(await goes(denied, '198.51.100.1')).toBe('198.51.100.1');
  });
});
