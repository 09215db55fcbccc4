import type { OpenAPIV3_1 } from 'openapi-types';

export interface RandomRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string;
}

/** Valid values by field name. */
export type Pools = Record<string, readonly unknown[]>;

type Schema = OpenAPIV3_1.SchemaObject;
type Operation = OpenAPIV3_1.OperationObject;

interface Route {
  method: string;
  path: string;
  operation: Operation;
}

const methods = ['get', 'head', 'post', 'patch', 'put', 'delete'] as const;

const strings = [
  ...[
    '',
    ' ',
    'x',
    '0',
    '-1',
    'null',
    'true',
    '..',
    '../../etc/passwd',
    '/',
    '//',
    '~',
    '*',
    '**',
    '[a-',
  ],
  ...[
    '%',
    '%00',
    'a\0b',
    '\n',
    '\r\nX-Injected: 1',
    'ä€🙂',
    '\uFEFF',
    '\u202E',
    '\uD800',
    "'; DROP TABLE",
  ],
  ...['$(id)', '`id`', '{{7*7}}', '<b>', '__proto__', 'constructor', 'toString', 'a'.repeat(200)],
  ...[
    'a'.repeat(5000),
    'a:b:c',
    'a@sha256:0',
    'UPPER',
    '-flag',
    '--',
    '.',
    'a/b',
    'latest',
    'x=y',
    '\x7f',
  ],
];
const numbers = [0, 1, -1, 0.5, -0, 1e9, 2 ** 31, 2 ** 53, 1e21, -1e300, 60, 61, 500, 501];

/** Seeded random requests for the operations of an OpenAPI document, with valid and invalid values. */
export class RandomRequests {
  private readonly routes: Route[] = [];

  constructor(
    private readonly random: () => number,
    document: OpenAPIV3_1.Document,
    private readonly pools: Pools,
    /** Weight of an operation. */
    private readonly weightOf: (route: { method: string; path: string }) => number,
  ) {
    for (const [path, item] of Object.entries(document.paths ?? {})) {
      for (const method of methods) {
        const operation = item?.[method];
        if (operation) this.routes.push({ method: method.toUpperCase(), path, operation });
      }
    }
  }

  get routeCount(): number {
    return this.routes.length;
  }

  next(): RandomRequest {
    const { method, path, operation } = this.route();
    const parameters = (operation.parameters ?? []) as OpenAPIV3_1.ParameterObject[];
    const filled = path.replace(/\{([^}]+)\}/g, (_, name: string) =>
      encode(text(this.valueOf(name, { type: 'string' }))),
    );
    const query = parameters
      .filter((parameter) => parameter.in === 'query')
      .filter(({ required }) => this.chance(required ? 0.95 : 0.3))
      .map(({ name, schema }) => `${name}=${encode(text(this.valueOf(name, schema as Schema)))}`);
    const headers: Record<string, string> = {};
    if (this.chance(0.1))
      headers.range = this.pick(['bytes=0-1', 'bytes=5-', 'bytes=-2', 'x', 'bytes=9-1']);
    if (this.chance(0.05)) headers['if-none-match'] = this.pick(['*', '"x"', 'W/"x"']);
    const request = {
      method,
      path: query.length > 0 ? `${filled}?${query.join('&')}` : filled,
      headers,
    };
    return { ...request, ...this.body(operation, headers) };
  }

  private body(operation: Operation, headers: Record<string, string>): Pick<RandomRequest, 'body'> {
    const content = (operation.requestBody as OpenAPIV3_1.RequestBodyObject | undefined)?.content;
    const schema = content?.['application/json']?.schema as Schema | undefined;
    if (!schema && !this.chance(operation.requestBody ? 0.9 : 0.05)) return {};
    headers['content-type'] = this.chance(0.95) && schema ? 'application/json' : this.otherType();
    if (this.chance(0.03))
      return { body: this.pick(['', '{', '[]', 'null', '"x"', '{"a":', '\0']) };
    return { body: JSON.stringify(schema ? this.objectOf(schema) : this.anything()) };
  }

  private otherType(): string {
    return this.pick([
      ...['application/octet-stream', 'multipart/form-data', 'multipart/form-data; boundary=b'],
      ...[
        'text/plain',
        'application/json; charset=utf-8',
        'x',
        'application/x-www-form-urlencoded',
      ],
    ]);
  }

  private route(): Route {
    for (;;) {
      const route = this.pick(this.routes);
      if (this.chance(this.weightOf(route))) return route;
    }
  }

  private objectOf({ properties = {}, required = [] }: Schema): Record<string, unknown> {
    const made: Record<string, unknown> = {};
    for (const [name, schema] of Object.entries(properties)) {
      const isWanted = required.includes(name) || name in this.pools;
      if (this.chance(isWanted ? 0.9 : 0.25)) made[name] = this.valueOf(name, schema as Schema);
    }
    if (this.chance(0.1)) made[this.pick(strings)] = this.anything();
    return made;
  }

  private valueOf(name: string, schema: Schema | undefined): unknown {
    if (this.chance(0.12)) return this.anything();
    const pool = this.pools[name];
    if (pool && this.chance(0.9)) return this.pick(pool);
    return this.valid(schema ?? {});
  }

  /** A value of the right type, valid or not. */
  private valid(schema: Schema): unknown {
    const options = schema.anyOf ?? schema.oneOf;
    if (options) return this.valid(this.pick(options) as Schema);
    if (schema.enum) return this.pick(schema.enum);
    if (schema.type === 'null') return null;
    if (schema.type === 'boolean') return this.chance(0.5);
    if (schema.type === 'integer' || schema.type === 'number') return this.pick(numbers);
    if (schema.type === 'array') {
      const { items } = schema as OpenAPIV3_1.ArraySchemaObject;
      return Array.from({ length: this.upTo(4) }, () => this.valid(items as Schema));
    }
    if (schema.type === 'object') {
      if (schema.properties) return this.objectOf(schema);
      return Object.fromEntries(
        Array.from({ length: this.upTo(3) }, () => [this.pick(strings), this.pick(strings)]),
      );
    }
    return this.pick(strings);
  }

  private anything(depth = 0): unknown {
    const kind = this.upTo(depth > 3 ? 5 : 7);
    if (kind === 0) return null;
    if (kind === 1) return this.chance(0.5);
    if (kind === 2) return this.pick(numbers);
    if (kind < 5) return this.pick(strings);
    const items = Array.from({ length: this.upTo(3) }, () => this.anything(depth + 1));
    if (kind === 5) return items;
    return Object.fromEntries(items.map((item) => [this.pick(strings), item]));
  }

  private chance(of: number): boolean {
    return this.random() < of;
  }

  private upTo(count: number): number {
    return Math.floor(this.random() * count);
  }

  private pick<T>(from: readonly T[]): T {
    return from[this.upTo(from.length)] as T;
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Replaces lone surrogates, which UTF-8 cannot encode. */
function encode(value: string): string {
  return encodeURIComponent(Buffer.from(value).toString());
}
