import { z } from 'zod';
import type { Egress, EgressInput } from '#shared/contract/schemas/egress';
import { SandglassError } from '#shared/errors';

const headerWire = z.object({
  name: z.string(),
  type: z.enum(['plaintext', 'opaque', 'workspace_secret']),
  value: z.string().nullish(),
});

/** What an auth proxy adds to a sandbox's requests, and where they may go, as clients send it. */
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
  no_proxy: z.array(z.string()).nullish().describe('Ignored, as by the hosted service.'),
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

/** Undefined where nothing was said; null where an empty one takes away what there was. */
export function toEgress(
  wire: z.infer<typeof proxyConfigInput> | null | undefined,
): EgressInput | null | undefined {
  if (!wire) return undefined;
  refuseOthers(wire.callbacks, 'callbacks', 'the callbacks are signed by the hosted service');
  const rules = (wire.rules ?? []).map((rule, index) => {
    const at = `proxy_config.rules.${index}`;
    for (const kind of ['aws', 'gcp', 'azure', 'rewrite', 'relay', 'match_headers'] as const) {
      refuseOthers(rule[kind], `${at}.${kind}`, 'a local rule adds headers and nothing else');
    }
    refuseOthers(rule.type, `${at}.type`, 'a local rule adds headers and nothing else');
    return {
      name: rule.name,
      description: rule.description ?? '',
      enabled: rule.enabled ?? true,
      hosts: rule.match_hosts ?? [],
      paths: rule.match_paths ?? [],
      headers: (rule.headers ?? []).map((header, headerIndex) => {
        if (header.type === 'workspace_secret') {
          const field = `${at}.headers.${headerIndex}.type`;
          throw refusal(field, 'there is no workspace that keeps secrets here; send it as opaque');
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
    throw refusal('proxy_config.access_control', 'give an allow_list or a deny_list, not both');
  }
  if (deny?.length) return { mode: 'deny', hosts: deny };
  // One that is there and empty allows nothing.
  return allow && !deny ? { mode: 'allow', hosts: allow } : null;
}

function refuseOthers(value: unknown, field: string, reason: string): void {
  const isNothing = value === undefined || value === null || value === '';
  if (isNothing || (Array.isArray(value) && value.length === 0)) return;
  throw refusal(field, reason);
}

function refusal(field: string, reason: string): SandglassError {
  return new SandglassError('invalid_input', `${field}: ${reason}.`, {
    field,
    hint: 'docs/API.md lists what is and is not offered.',
  });
}
