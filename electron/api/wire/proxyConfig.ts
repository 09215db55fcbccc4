import { z } from 'zod';
import type { Egress, EgressInput } from '#shared/contract/schemas/egress';
import { unsupportedOption } from './errors';

const headerWire = z.object({
  name: z.string(),
  type: z.enum(['plaintext', 'opaque', 'workspace_secret']),
  value: z.string().nullish(),
});

/** Egress configuration as clients send it: injected headers and allowed destinations. */
export const proxyConfigInput = z.object({
  rules: z
    .array(
      z.object({
        name: z.string(),
        type: z.string().nullish(),
        description: z.string().nullish(),
        enabled: z.boolean().nullish(),
        match_hosts: z.array(z.string()).nullish(),
        match_paths: z.array(z.string()).nullish(),
        match_headers: z.array(z.string()).nullish(),
        headers: z.array(headerWire).nullish(),
        env_vars: z.record(z.string(), z.string()).nullish(),
        aws: z.unknown().optional(),
        gcp: z.unknown().optional(),
        azure: z.unknown().optional(),
        rewrite: z.unknown().optional(),
        relay: z.unknown().optional(),
      }),
    )
    .nullish(),
  access_control: z
    .object({
      allow_list: z.array(z.string()).nullish(),
      deny_list: z.array(z.string()).nullish(),
    })
    .nullish(),
  no_proxy: z.array(z.string()).nullish().describe('Ignored, as in the hosted service.'),
  callbacks: z.unknown().optional(),
});

export const proxyConfigWire = z.object({
  rules: z.array(
    z.object({
      name: z.string(),
      description: z.string(),
      enabled: z.boolean(),
      match_hosts: z.array(z.string()),
      match_paths: z.array(z.string()),
      headers: z.array(
        z.object({
          name: z.string(),
          type: z.enum(['plaintext', 'opaque']),
          value: z.string().optional(),
          is_set: z.boolean().optional(),
        }),
      ),
      env_vars: z.record(z.string(), z.string()),
    }),
  ),
  access_control: z
    .object({
      allow_list: z.array(z.string()).optional(),
      deny_list: z.array(z.string()).optional(),
    })
    .optional(),
});

/** Undefined leaves the configuration unchanged; null (an empty object on the wire) removes it. */
export function toEgress(
  wire: z.infer<typeof proxyConfigInput> | null | undefined,
): EgressInput | null | undefined {
  if (!wire) return undefined;
  refuseOption(wire.callbacks, 'callbacks', 'callbacks are signed by the hosted service');
  const rules = (wire.rules ?? []).map((rule, index) => {
    const at = `proxy_config.rules.${index}`;
    for (const kind of ['aws', 'gcp', 'azure', 'rewrite', 'relay', 'match_headers'] as const) {
      refuseOption(rule[kind], `${at}.${kind}`, 'local rules only add headers');
    }
    refuseOption(rule.type, `${at}.type`, 'local rules only add headers');
    return {
      name: rule.name,
      description: rule.description ?? '',
      enabled: rule.enabled ?? true,
      hosts: rule.match_hosts ?? [],
      paths: rule.match_paths ?? [],
      headers: (rule.headers ?? []).map((header, headerIndex) => {
        if (header.type === 'workspace_secret') {
          const field = `${at}.headers.${headerIndex}.type`;
          throw unsupportedOption(field, 'there are no workspace secrets; use the type opaque');
        }
        const secret = header.type === 'opaque';
        return { name: header.name, secret, value: header.value ?? undefined };
      }),
      env: rule.env_vars ?? {},
    };
  });
  const access = accessOf(wire.access_control);
  return rules.length === 0 && access === null ? null : { rules, access };
}

export function fromEgress({ rules, access }: Egress): z.infer<typeof proxyConfigWire> {
  return {
    rules: rules.map((rule) => ({
      name: rule.name,
      description: rule.description,
      enabled: rule.enabled,
      match_hosts: rule.hosts,
      match_paths: rule.paths,
      headers: rule.headers.map(({ name, secret, value }) =>
        secret
          ? { name, type: 'opaque' as const, is_set: true }
          : { name, type: 'plaintext' as const, value: value ?? '' },
      ),
      env_vars: rule.env,
    })),
    access_control: access ? { [`${access.mode}_list`]: access.hosts } : undefined,
  };
}

function accessOf(
  control: z.infer<typeof proxyConfigInput>['access_control'],
): EgressInput['access'] {
  const { allow_list: allow, deny_list: deny } = control ?? {};
  if (allow?.length && deny?.length) {
    throw unsupportedOption(
      'proxy_config.access_control',
      'use either allow_list or deny_list, not both',
    );
  }
  if (deny?.length) return { mode: 'deny', hosts: deny };
  // An empty allow list allows nothing.
  return allow && !deny ? { mode: 'allow', hosts: allow } : null;
}

function refuseOption(value: unknown, field: string, reason: string): void {
  const isNothing = value === undefined || value === null || value === '';
  if (isNothing || (Array.isArray(value) && value.length === 0)) return;
  throw unsupportedOption(field, reason);
}
