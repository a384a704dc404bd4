import {
  CrosscheckError,
  type LaneLimits,
  parseModelRef,
  type Provider,
  type ResolvedSweep,
} from '@crosscheck/contracts';
import {
  checkSampling,
  type Environment,
  findModel,
  makeAddressGuard,
  modelCatalog,
  toBaseUrl,
} from '@crosscheck/models';
import { readListedModels } from './listed-models.ts';
import { findNearNames } from './near-names.ts';

/** A model that a sweep calls, found at its provider, with the lane that it will share. */
export type ResolvedModel = {
  ref: string;
  model: string;
  provider: Provider;
  lane: { id: string; providerId: string; pool: string; limits: LaneLimits };
};

export type ResolveModelsDeps = {
  listProviders: () => Promise<Provider[]>;
  listTimeoutMs: number;
  env: Environment;
};

const ANTHROPIC_HOST = 'api.anthropic.com';
/** Calls in flight where nobody set a limit: enough for a server on one machine, and no flood. */
const MAX_IN_FLIGHT_DEFAULT = 64;

/** Makes the check that every model of a sweep, subjects and judges, is there. It changes nothing. */
export function makeResolveModels({ listProviders, listTimeoutMs, env }: ResolveModelsDeps) {
  const guard = makeAddressGuard(env);
  /**
   * @returns the models by `provider/model`
   * @throws CrosscheckError PROVIDER_UNKNOWN, MODEL_UNKNOWN, SAMPLING_UNSUPPORTED with the field of the sweep
   */
  return async function resolveModels(sweep: ResolvedSweep): Promise<Map<string, ResolvedModel>> {
    const providers = await listProviders();
    const fields = fieldsOfModels(sweep);
    const resolved = await Promise.all(
      [...fields].map(async ([ref, field]) => {
        const { provider, model } = findProvider(ref, field, providers);
        await requireModel({ provider, model, field });
        return [ref, { ref, model, provider, lane: toLane(provider, model, env) }] as const;
      }),
    );
    const byRef = new Map<string, ResolvedModel>(resolved);
    requireSampling(sweep, byRef);
    return byRef;
  };

  async function requireModel({
    provider,
    model,
    field,
  }: {
    provider: Provider;
    model: string;
    field: string;
  }): Promise<void> {
    const baseUrl = toBaseUrl(provider, env);
    if (baseUrl === null) {
      throw new CrosscheckError(
        'PROVIDER_UNKNOWN',
        `provider "${provider.id}" has no base URL: set it with PUT /v1/providers/${provider.id}`,
        { field, got: provider.id, expected: 'a provider with a baseUrl' },
      );
    }
    const fault = await guard.findFault(provider);
    if (fault !== null)
      throw new CrosscheckError('PROVIDER_UNKNOWN', `provider "${provider.id}" may not be called: ${fault}`, {
        field,
        got: provider.id,
        expected: 'a provider with a public base URL, or one that the operator allows',
      });
    if (isAnthropicItself(provider, env)) return requireInCatalog(provider.id, model, field);
    const get = provider.baseUrl === undefined ? fetch : guard.fetch;
    const listed = await readListedModels(provider, { baseUrl, timeoutMs: listTimeoutMs, env, fetch: get });
    if (listed === null || namesOf(model).some((name) => listed.includes(name))) return;
    throw unknownModel({ provider: provider.id, model, field, known: listed, why: 'the provider does not list it' });
  }
}

/** Every model that a sweep calls with the first field that names it. */
function fieldsOfModels({ models, graders }: ResolvedSweep): Map<string, string> {
  const fields = new Map<string, string>();
  models.forEach((ref, index) => fields.set(ref, `models[${index}]`));
  graders.forEach((grader, index) => {
    if (grader.kind === 'judge' && !fields.has(grader.model)) fields.set(grader.model, `graders[${index}].model`);
  });
  return fields;
}

function findProvider(ref: string, field: string, providers: Provider[]): { provider: Provider; model: string } {
  const parts = parseModelRef(ref);
  const provider = providers.find(({ id }) => id === parts?.provider);
  if (parts && provider) return { provider, model: parts.model };
  const known = providers.map(({ id }) => id).join(', ') || 'none yet: PUT /v1/providers/{id} makes one';
  throw new CrosscheckError(
    'PROVIDER_UNKNOWN',
    `${field} is "${ref}": there is no provider "${parts?.provider ?? ref}". Known providers: ${known}. See GET /v1/providers`,
    { field, got: ref, expected: `<provider>/<model> with a provider of: ${known}` },
  );
}

function requireInCatalog(provider: string, model: string, field: string): void {
  const retired = findRetirement(model);
  if (retired !== null) {
    throw unknownModel({ provider, model, field, known: activeModels(), why: `it was retired on ${retired}` });
  }
  if (findModel(model) === null) {
    throw unknownModel({
      provider,
      model,
      field,
      known: activeModels(),
      why: `it is not in the catalogue ${modelCatalog.tableVersion}`,
    });
  }
}

function findRetirement(model: string): string | null {
  const known = findModel(model);
  if (known?.status === 'retired') return known.retiredAt ?? 'an earlier day';
  return modelCatalog.retiredIds[model] ?? null;
}

const activeModels = () => modelCatalog.models.filter(({ status }) => status !== 'retired').map(({ id }) => id);

/** A name and the names that mean the same model: servers list ids, sweeps also use aliases. */
function namesOf(model: string): string[] {
  const known = findModel(model);
  return known ? [model, known.id, ...known.aliases] : [model];
}

type Unknown = { provider: string; model: string; field: string; known: string[]; why: string };

function unknownModel({ provider, model, field, known, why }: Unknown): CrosscheckError {
  const near = findNearNames(model, known);
  const shown = (near.length > 0 ? near : known.slice(0, 10)).map((name) => `${provider}/${name}`).join(', ');
  const hint = near.length > 0 ? `Did you mean ${shown}?` : `Known models: ${shown}`;
  return new CrosscheckError('MODEL_UNKNOWN', `${field} is "${provider}/${model}": ${why}. ${hint}`, {
    field,
    got: `${provider}/${model}`,
    expected: shown,
  });
}

/** Whether the calls of a provider reach the account at Anthropic itself, whose pools and limits the catalogue knows. */
export function isAnthropicItself(provider: Provider, env: Environment): boolean {
  if (provider.dialect !== 'anthropic' || provider.simulated === true) return false;
  const baseUrl = toBaseUrl(provider, env);
  return baseUrl !== null && URL.canParse(baseUrl) && new URL(baseUrl).hostname === ANTHROPIC_HOST;
}

/** The lane of a model: models that share one pool of limits at their provider share it. */
export function toLane(provider: Provider, model: string, env: Environment): ResolvedModel['lane'] {
  const known = isAnthropicItself(provider, env) ? findModel(model) : null;
  const pool = known?.pool ?? model;
  return {
    id: `${provider.id}/${pool}`,
    providerId: provider.id,
    pool,
    limits: known ? startLimits(known.pool) : freeLimits(),
  };
}

/** What a new account may spend. An operator whose account may spend more says so with PUT /v1/lanes. */
function startLimits(pool: string | null): LaneLimits {
  const tier: Record<string, unknown> = modelCatalog.rateLimits.tiers.start;
  const [requestsPerMinute, inputTokensPerMinute, outputTokensPerMinute] = (tier[pool ?? ''] ?? tier['default']) as [
    number,
    number,
    number,
  ];
  return { requestsPerMinute, inputTokensPerMinute, outputTokensPerMinute, maxInFlight: MAX_IN_FLIGHT_DEFAULT };
}

function freeLimits(): LaneLimits {
  return {
    requestsPerMinute: null,
    inputTokensPerMinute: null,
    outputTokensPerMinute: null,
    maxInFlight: MAX_IN_FLIGHT_DEFAULT,
  };
}

/** A parameter that a model refuses fails every trial; one that a server ignores makes two sweeps the same under two names. */
function requireSampling({ models, sampling }: ResolvedSweep, byRef: ReadonlyMap<string, ResolvedModel>): void {
  for (const ref of models) {
    const { model, provider } = byRef.get(ref) as ResolvedModel;
    const { dialect, apiVersion } = provider;
    const [problem] = checkSampling({ model, dialect, sampling, ...(apiVersion === undefined ? {} : { apiVersion }) });
    if (problem)
      throw new CrosscheckError('SAMPLING_UNSUPPORTED', problem.detail, {
        field: problem.field,
        got: problem.got,
        expected: problem.expected,
      });
  }
}
