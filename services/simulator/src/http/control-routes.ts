import { checkConfig, ConfigError, TenantConfig } from '../config.ts';
import type { Ensemble } from '../state/cast.ts';
import { patchTenant, type Tenant } from '../state/tenant.ts';
import { DEFAULT_TENANT_ID, type Tenants } from '../state/tenants.ts';
import type { Exchange } from './exchange.ts';

type ControlDeps = { tenants: Tenants; ensemble: Ensemble; openSockets: () => { now: number; max: number } };

/** A control call that cannot be done: answered as `{error}` with this status. */
class ControlError extends Error {
  override readonly name = 'ControlError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Makes the routes of the control port: state, truth and log to read; tenants to make, change, reset and drop. */
export function makeControlRoutes({ tenants, ensemble, openSockets }: ControlDeps): (exchange: Exchange) => void {
  const asked = (exchange: Exchange): Tenant => {
    const id = exchange.query.get('tenant') ?? DEFAULT_TENANT_ID;
    const tenant = tenants.find(id);
    if (tenant === undefined) throw new ControlError(404, `There is no tenant "${id}"`);
    return tenant;
  };
  const tenantInPath = (exchange: Exchange): string => decodeURIComponent(exchange.path.slice('/tenants/'.length));

  const routes: Record<string, (exchange: Exchange) => unknown> = {
    'GET /state': () => ({ openSockets: openSockets(), tenants: Object.fromEntries(tenants.all().map(stateOf)) }),
    'GET /truth': (exchange) => asked(exchange).truth.report(),
    'GET /log': (exchange) => {
      const since = Number(exchange.query.get('since') ?? 0);
      return { entries: asked(exchange).log.since(Number.isFinite(since) ? since : 0) };
    },
    'POST /reset': (exchange) => {
      const id = exchange.query.get('tenant');
      for (const tenant of id === null ? tenants.all() : [asked(exchange)]) tenants.reset(tenant.id);
      return { reset: id ?? 'all' };
    },
    'POST /tenants': (exchange) => {
      const { id, ...config } = bodyOf(exchange);
      if (typeof id !== 'string' || id === '') throw new ControlError(400, 'id: a tenant needs a name');
      return describe(tenants.create(id, checkConfig(TenantConfig, config, 'The tenant')));
    },
    'GET /tenants': () => ({ tenants: tenants.all().map(describe) }),
    'PATCH /tenants/': (exchange) => {
      const tenant = tenants.find(tenantInPath(exchange));
      if (tenant === undefined) throw new ControlError(404, `There is no tenant "${tenantInPath(exchange)}"`);
      patchTenant(tenant, checkConfig(TenantConfig, bodyOf(exchange), 'The change'), ensemble);
      return describe(tenant);
    },
    'DELETE /tenants/': (exchange) => {
      const id = tenantInPath(exchange);
      if (!tenants.drop(id)) throw new ControlError(404, `There is no tenant "${id}" that can be dropped`);
      return { dropped: id };
    },
    'GET /healthz': () => ({ status: 'ok' }),
  };
  return (exchange) => {
    const path = exchange.path.startsWith('/tenants/') ? '/tenants/' : exchange.path;
    const route = routes[`${exchange.method} ${path}`];
    try {
      if (route === undefined) throw new ControlError(404, `There is no ${exchange.method} ${exchange.path}`);
      exchange.sendJson(200, route(exchange));
    } catch (error) {
      if (error instanceof ControlError) return exchange.sendJson(error.status, { error: error.message });
      if (error instanceof ConfigError) return exchange.sendJson(400, { error: error.message });
      throw error;
    }
  };
}

function bodyOf({ body }: Exchange): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8') || '{}');
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // One message for all that is not a JSON object.
  }
  throw new ControlError(400, 'The body is not a JSON object');
}

const describe = ({ id, config }: Tenant): object => ({ id, config });

function stateOf({ id, startedAtMs, traffic, limiter, cache }: Tenant): [string, object] {
  return [id, { startedAtMs, ...traffic, limits: limiter.report(), cacheEntries: cache.size() }];
}
