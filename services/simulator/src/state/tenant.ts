import { LATENCY_PRESETS, type LatencyModel } from '../behaviour/latency.ts';
import type { Cast } from '../behaviour/respond.ts';
import type { TenantConfig } from '../config.ts';
import { DEFAULT_TENANT } from '../defaults.ts';
import { makeLimiter, type Limiter } from '../limits/limiter.ts';
import type { Limits } from '../limits/limits.ts';
import { simulatedModel, type SimulatedModel } from '../model-facts.ts';
import { ApiError } from '../protocol/api-error.ts';
import type { FindModel } from '../wires/wire.ts';
import { makeAttemptLog, type AttemptLog } from './attempt-log.ts';
import { makeCasting, roleOf, type Ensemble } from './cast.ts';
import { makeGate, type Gate } from './gate.ts';
import { makePromptCache, type PromptCache } from './prompt-cache.ts';
import { makeSampleCounters, type SampleCounters } from './samples.ts';
import { makeTruthLog, type TruthLog } from './truth.ts';

type FullTenantConfig = Required<TenantConfig>;

/** Counters of a tenant that are not about limits. */
type Traffic = {
  arrivals: number;
  inFlight: number;
  inFlightMax: number;
  byStatus: Record<string, number>;
  faults: Record<string, number>;
};

/** Everything that one tenant has of its own. Nothing of it is shared, so tenants cannot influence each other. */
export type Tenant = {
  id: string;
  config: FullTenantConfig;
  /** The limits of the configuration, with those of single models as limits of their pools. */
  limits: Limits;
  startedAtMs: number;
  /** A model that this tenant can call. @throws ApiError 404 when it is unknown or retired */
  findModel: FindModel;
  cast(model: SimulatedModel): Cast;
  latencyOf(model: SimulatedModel): LatencyModel;
  /** The number of this arrival of a body, from 1. */
  nextAttempt(bodyHash: string): number;
  samples: SampleCounters;
  truth: TruthLog;
  log: AttemptLog;
  limiter: Limiter;
  cache: PromptCache;
  gate: Gate;
  traffic: Traffic;
};

const ATTEMPT_BODIES_MAX = 500_000;

export type TenantDeps = { ensemble: Ensemble; now: () => number; logEntriesMax: number };

/** Makes a fresh tenant. @throws ConfigError when it names a persona or a judge that is not there */
export function makeTenant(id: string, config: TenantConfig, { ensemble, now, logEntriesMax }: TenantDeps): Tenant {
  const full: FullTenantConfig = { ...DEFAULT_TENANT, ...config };
  checkNames(full, ensemble);
  const attempts = new Map<string, number>();
  // Limits and time are read at each use: a PATCH changes them under running traffic.
  const tenant: Tenant = {
    id,
    config: full,
    limits: limitsOf(full, ensemble),
    startedAtMs: now(),
    findModel: (id) => findModel(id, tenant.config, ensemble),
    cast: makeCasting(ensemble, full),
    latencyOf: (model) => toLatencyModel(roleOf(model, tenant.config.models).latency ?? tenant.config.latency),
    nextAttempt(bodyHash) {
      const attempt = (attempts.get(bodyHash) ?? 0) + 1;
      if (attempts.size >= ATTEMPT_BODIES_MAX) attempts.delete(attempts.keys().next().value ?? '');
      attempts.set(bodyHash, attempt);
      return attempt;
    },
    samples: makeSampleCounters(),
    truth: makeTruthLog(),
    log: makeAttemptLog(logEntriesMax),
    limiter: makeLimiter({ limits: () => tenant.limits, timeScale: () => tenant.config.timeScale, now }),
    cache: makePromptCache({ now, timeScale: () => tenant.config.timeScale }),
    gate: makeGate(() => tenant.config.concurrencyMax),
    traffic: { arrivals: 0, inFlight: 0, inFlightMax: 0, byStatus: {}, faults: {} },
  };
  return tenant;
}

/** Changes a running tenant. Its counters, samples and truth stay; only answers that follow are made in the new way. */
export function patchTenant(tenant: Tenant, patch: TenantConfig, ensemble: Ensemble): void {
  const config = { ...tenant.config, ...patch };
  checkNames(config, ensemble);
  tenant.config = config;
  tenant.limits = limitsOf(config, ensemble);
  tenant.cast = makeCasting(ensemble, config);
}

function limitsOf({ limits, models: roles }: FullTenantConfig, { models }: Ensemble): Limits {
  const own = Object.entries(roles).flatMap(([id, role]) =>
    role.limits === undefined ? [] : [[models.get(id)?.pool ?? id, role.limits] as const],
  );
  return own.length === 0 ? limits : { ...limits, pools: { ...limits.pools, ...Object.fromEntries(own) } };
}

/** A model of the catalogue, or one that exists because the tenant gives it a role: a checkpoint, say. */
function findModel(id: string, config: FullTenantConfig, { models }: Ensemble): SimulatedModel {
  const model = models.get(id) ?? (id in config.models ? simulatedModel(id) : undefined);
  if (model === undefined || model.retired) throw new ApiError(404, 'not_found_error', `model: ${id}`);
  return model;
}

/** Names are looked up when they are configured, and not when the first request needs them. */
function checkNames(config: FullTenantConfig, ensemble: Ensemble): void {
  ensemble.personaOf(config.persona);
  ensemble.judgeOf(config.judge);
  for (const role of Object.values(config.models)) {
    if (role.persona !== undefined) ensemble.personaOf(role.persona);
    if (role.judge !== undefined) ensemble.judgeOf(role.judge);
  }
}

const toLatencyModel = (latency: FullTenantConfig['latency']): LatencyModel =>
  typeof latency === 'string' ? LATENCY_PRESETS[latency] : latency;
