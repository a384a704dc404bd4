import type { IncomingHttpHeaders } from 'node:http';
import { shortHash } from '../behaviour/keyed-draws.ts';
import type { Scope } from '../limits/limiter.ts';
import type { SimulatedModel } from '../model-facts.ts';
import { ApiError } from '../protocol/api-error.ts';
import type { Tenant } from '../state/tenant.ts';

export type Account = { organization: string; workspace: string; isTestKey: boolean };

const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

/**
 * Reads the key and keeps nothing of it but a hash. Any non-empty key is accepted, except one that looks real: it must
 * not be sent here, and is neither hashed nor logged. @throws ApiError 401
 */
export function readAccount(headers: IncomingHttpHeaders): Account {
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  const key = bearer ?? one(headers['x-api-key']);
  if (key === undefined || key === '') {
    throw new ApiError(401, 'authentication_error', 'A key is required: Authorization: Bearer, or x-api-key');
  }
  if (key.startsWith('sk-ant-')) {
    throw new ApiError(
      401,
      'authentication_error',
      'This is a simulator, and the key looks like a real one: never send a real key here. Revoke it if this was a mistake',
    );
  }
  return {
    organization: `org_sim_${shortHash(key)}`,
    workspace: one(headers['anthropic-workspace-id']) ?? 'default',
    isTestKey: key.startsWith('test-'),
  };
}

/** Whose buckets a call spends from. */
export function scopeOf({ organization, workspace }: Account, tenant: Tenant, model: SimulatedModel): Scope {
  const shared = tenant.config.limits.sharedOrganization === true;
  return { organization: shared ? 'org_sim_shared' : organization, workspace, pool: model.pool };
}
