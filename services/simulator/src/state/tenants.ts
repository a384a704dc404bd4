import type { TenantConfig } from '../config.ts';
import { makeTenant, type Tenant, type TenantDeps } from './tenant.ts';

/** The tenant of paths without a prefix. */
export const DEFAULT_TENANT_ID = 'default';

/** A misbehaving client that invents prefixes must not fill the memory. */
const TENANTS_MAX = 1_000;

export type Tenants = {
  /** The tenant of a path prefix; made from the default tenant's configuration when it is new. */
  of(id: string): Tenant;
  find(id: string): Tenant | undefined;
  create(id: string, config: TenantConfig): Tenant;
  drop(id: string): boolean;
  /** Back to the beginning: counters, buckets, cache, log, truth. A patched configuration stays. */
  reset(id: string): Tenant;
  all(): Tenant[];
};

/** Makes the tenants of a simulator. Each has a seed of its own, unless it is configured. */
export function makeTenants(
  base: TenantConfig,
  configured: Readonly<Record<string, TenantConfig>>,
  deps: TenantDeps,
): Tenants {
  const tenants = new Map<string, Tenant>();
  const withSeed = (id: string, config: TenantConfig): TenantConfig =>
    id === DEFAULT_TENANT_ID || config.seed !== undefined
      ? { ...base, ...config }
      : { ...base, ...config, seed: `${base.seed ?? 'crosscheck'}/${id}` };
  const create = (id: string, config: TenantConfig): Tenant => {
    if (tenants.size >= TENANTS_MAX && !tenants.has(id)) {
      throw new Error(`There are ${TENANTS_MAX} tenants already: drop one, or use fewer prefixes`);
    }
    const tenant = makeTenant(id, withSeed(id, config), deps);
    tenants.set(id, tenant);
    return tenant;
  };
  create(DEFAULT_TENANT_ID, {});
  for (const [id, config] of Object.entries(configured)) create(id, config);
  return {
    of: (id) => tenants.get(id) ?? create(id, {}),
    find: (id) => tenants.get(id),
    create,
    drop: (id) => id !== DEFAULT_TENANT_ID && tenants.delete(id),
    reset(id) {
      const before = tenants.get(id);
      if (before === undefined) throw new Error(`There is no tenant "${id}"`);
      const after = makeTenant(id, before.config, deps);
      tenants.set(id, after);
      return after;
    },
    all: () => [...tenants.values()],
  };
}
