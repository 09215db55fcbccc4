import { request } from 'node:http';
import { join } from 'node:path';
import type { OpenAPIV3_1 } from 'openapi-types';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openEngine } from '../../electron/engine/engine';
import { openApi } from '../support/api';
import { freshHome } from '../support/engine';

/** Documentation that the real server serves without the key. */

let address: string;
beforeEach(async () => {
  const sandglass = openEngine({
    home: await freshHome(),
    env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' },
  });
  onTestFinished(() => sandglass.close());
  ({ address } = await openApi(sandglass));
});

async function documentOf(): Promise<OpenAPIV3_1.Document> {
  return (await (await fetch(`${address}/openapi.json`)).json()) as OpenAPIV3_1.Document;
}

interface Described extends OpenAPIV3_1.OperationObject {
  method: string;
  path: string;
}

function operationsOf({ paths }: OpenAPIV3_1.Document): Described[] {
  return Object.entries(paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item ?? {}).map(([method, operation]) => ({
      ...(operation as OpenAPIV3_1.OperationObject),
      method,
      path,
    })),
  );
}

/** Returns the status of a request with headers that `fetch` cannot send. */
function statusOf(path: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(`${address}${path}`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

describe('the OpenAPI document', () => {
  it('equals docs/openapi.json, which `npm run openapi` writes', async () => {
    const text = `${JSON.stringify(await documentOf(), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(join(import.meta.dirname, '../../docs/openapi.json'));
  });

  it('names and describes every operation and parameter', async () => {
    const document = await documentOf();
    const operations = operationsOf(document);
    expect(operations.length).toBeGreaterThan(20);
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const headings = document.tags?.map(({ name }) => name);
    for (const operation of operations) {
      const { method, path, operationId, summary, tags = [], parameters = [] } = operation;
      const name = `${method} ${path}`;
      expect(operationId, name).toMatch(/^[a-z][A-Za-z]+$/);
      expect(summary, name).toBeTruthy();
      expect(headings, name).toContain(tags[0]);
      const named = parameters as OpenAPIV3_1.ParameterObject[];
      for (const parameter of named) {
        expect(parameter.description, `${name} ${parameter.name}`).toBeTruthy();
      }
      const inPath = named.filter((parameter) => parameter.in === 'path');
      const wanted = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
      expect(inPath.map((parameter) => parameter.name).sort(), name).toEqual(wanted.sort());
    }
  });

  it('describes the success and the errors of each operation', async () => {
    const document = await documentOf();
    for (const { method, path, responses = {} } of operationsOf(document)) {
      const codes = Object.keys(responses);
      expect(
        codes.some((code) => code.startsWith('2')),
        `${method} ${path}`,
      ).toBe(true);
      expect(codes, `${method} ${path}`).toEqual(expect.arrayContaining(['401', '403']));
    }
    expect(document.security).toEqual([{ key: [] }]);
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(
      ([, reference]) => reference,
    );
    expect(references.length).toBeGreaterThan(0);
    for (const reference of references) {
      const found = reference
        ?.split('/')
        .reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], document);
      expect(found, reference).toBeDefined();
    }
  });

  it('describes one of the two prefixes', async () => {
    const paths = Object.keys((await documentOf()).paths ?? {});
    expect(paths.filter((path) => !path.startsWith('/v2/sandboxes/'))).toEqual([]);
  });
});

describe('the page at /', () => {
  it('has the address, examples and every endpoint, and loads no resources', async () => {
    const response = await fetch(`${address}/`);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-/,
    );
    const page = (await response.text()).replaceAll('<wbr>', '');
    expect(page).toContain(`export LANGSMITH_ENDPOINT='${address}'`);
    expect(page).toContain('new SandboxClient()');
    expect(page).toContain('href="/openapi.json"');
    for (const { path } of operationsOf(await documentOf())) expect(page).toContain(path);
    expect(page).not.toMatch(/<(script|link|img|iframe)|https?:\/\/(?!127\.0\.0\.1)/);
  });
});

describe('without the key', () => {
  it.each(['/', '/openapi.json'])('%s is served to loopback names only', async (path) => {
    const { host } = new URL(address);
    expect(await statusOf(path, { host })).toBe(200);
    expect(await statusOf(path, { host: 'localhost' })).toBe(200);
    expect(await statusOf(path, { host: 'evil.example' })).toBe(403);
    expect(await statusOf(path, { host, origin: 'https://evil.example' })).toBe(403);
  });

  it.each([
    '/v2/sandboxes/boxes',
    '/api/v2/sandboxes/snapshots',
    '/openapi.json/',
    '/nothing',
    '//',
  ])('%s is refused', async (path) => {
    expect(await statusOf(path, { host: 'localhost' })).toBe(401);
  });
});
