import { CrosscheckError, type Quote, type ResolvedSweep, type Usage } from '@crosscheck/contracts';
import { costPicoUsd, findModel, modelCatalog } from '@crosscheck/models';
import type { TokensPerByte } from './count-sample.ts';
import { type Estimate, estimateLoads, type Load, type PromptSizes } from './estimate.ts';
import type { ResolvedModel } from './resolve-models.ts';

const PICO_USD = 1_000_000_000_000;
/** What a signed 64 bit column holds; a larger budget is no limit on anything that can be spent. */
const BUDGET_PICO_USD_MAX = 9_000_000_000_000_000_000n;
type Bound = keyof Estimate;

export type QuoteInput = {
  sweep: ResolvedSweep;
  models: ReadonlyMap<string, ResolvedModel>;
  sizes: PromptSizes;
  /** from the providers' own count of a sample; what is not in it is estimated from bytes */
  tokensPerByte?: TokensPerByte;
  at: Date;
};

/**
 * What a sweep would take. `low` reads every cached prefix after the first call, `high` reads none and lets every answer run to its end;
 * retries are not in it.
 */
export function quoteSweep({ sizes, ...input }: QuoteInput): Quote {
  return quoteParts(input, [{ samples: input.sweep.samples, sizes }]);
}

/** The same for some prompts and samples of a sweep, such as those of an extension. */
export function quoteParts(
  { sweep, models, tokensPerByte, at }: Omit<QuoteInput, 'sizes'>,
  parts: readonly { samples: number; sizes: PromptSizes }[],
): Quote {
  const loads = parts.flatMap(({ samples, sizes }) => estimateLoads({ ...sweep, samples }, sizes, tokensPerByte));
  const priced = loads.map((load) => ({ load, pico: priceLoad(load, models, at) }));
  const unpriced = [...new Set(priced.filter(({ pico }) => pico === null).map(({ load }) => load.ref))];
  const subjects = loads.filter(({ role }) => role === 'subject');
  const judges = loads.filter(({ role }) => role === 'judge');
  return {
    trials: sum(subjects.map(({ calls }) => calls)).expected,
    calls: { subject: sum(subjects.map(({ calls }) => calls)).expected, judges: sum(judges.map(({ calls }) => calls)) },
    tokens: {
      input: sum(loads.map((load) => times(load.calls, plus(load.ownTokens, load.sharedTokens)))),
      output: sum(loads.map((load) => times(load.calls, load.outputTokens))),
    },
    usd: unpriced.length > 0 ? null : toUsd(priced.map(({ pico }) => pico)),
    unpriced,
    counted: [...(tokensPerByte?.keys() ?? [])],
    models: byModel(priced),
    priceTable: modelCatalog.tableVersion,
  };
}

type Pico = Record<Bound, bigint>;

/** @returns null when the model has no price */
function priceLoad(load: Load, models: ReadonlyMap<string, ResolvedModel>, at: Date): Pico | null {
  const low = priceCalls(load, 'low', models, at);
  const expected = priceCalls(load, 'expected', models, at);
  const high = priceCalls(load, 'high', models, at);
  return low === null || expected === null || high === null ? null : { low, expected, high };
}

function priceCalls(load: Load, bound: Bound, models: ReadonlyMap<string, ResolvedModel>, at: Date): bigint | null {
  const resolved = models.get(load.ref);
  if (!resolved || load.calls[bound] === 0) return resolved ? 0n : null;
  const calls = Math.round(load.calls[bound]);
  const price = (usage: Usage) =>
    costPicoUsd({ model: resolved.model, usage, at, simulated: resolved.provider.simulated === true })?.picoUsd ?? null;
  const own = { uncached: load.ownTokens[bound], output: load.outputTokens[bound] };
  if (bound === 'high' || !isCacheable(load, resolved)) {
    const each = price(usageOf({ uncached: own.uncached + load.sharedTokens, output: own.output }));
    return each === null ? null : each * BigInt(calls);
  }
  const first = price(usageOf({ ...own, cacheWrite5m: load.sharedTokens }));
  const later = price(usageOf({ ...own, cacheRead: load.sharedTokens }));
  // A prefix that is cached for five minutes is written again now and then: a tenth of the calls is a cautious share.
  const writes = Math.min(calls, bound === 'low' ? load.prefixes : Math.max(load.prefixes, Math.ceil(calls / 10)));
  return first === null || later === null ? null : first * BigInt(writes) + later * BigInt(calls - writes);
}

/**
 * The most that one trial of each model may cost, its judges included, in pico-USD: what is set aside while it runs. What has no price
 * counts as free, for a budget on it was either refused or allowed so.
 */
export function reservesOf(input: QuoteInput): Map<string, bigint> {
  const { sweep } = input;
  const judging = judgingReserveOf(input);
  return new Map(
    sweep.models.map((ref) => {
      const subjects = priceOneTrial({ ...input, sweep: { ...sweep, models: [ref] } }, 'subject');
      return [ref, judging + subjects.reduce((most, one) => (one > most ? one : most), 0n)];
    }),
  );
}

/** The judges' part of it, which is the same for every model. */
export function judgingReserveOf(input: QuoteInput): bigint {
  const { models, conditions } = input.sweep;
  const judges = priceOneTrial({ ...input, sweep: { ...input.sweep, models: models.slice(0, 1) } }, 'judge');
  // The judges of all conditions' trials were counted together.
  return judges.reduce((all, one) => all + one, 0n) / BigInt(conditions.length);
}

/** Of the longest prompt, once: what each load of the role may cost at most. */
function priceOneTrial({ sweep, models, sizes, tokensPerByte, at }: QuoteInput, role: Load['role']): bigint[] {
  const longest = { prompts: 1, meanBytes: sizes.maxBytes, maxBytes: sizes.maxBytes };
  return estimateLoads({ ...sweep, samples: 1 }, longest, tokensPerByte)
    .filter((load) => load.role === role)
    .map((load) => priceCalls(load, 'high', models, at) ?? 0n);
}

/** Open-weight servers charge nothing for a cache of their own, and a short prefix is not cached at all. */
function isCacheable({ sharedTokens }: Load, { provider, model }: ResolvedModel): boolean {
  const least = findModel(model)?.minCacheTokens;
  return provider.dialect === 'anthropic' && least !== undefined && least !== null && sharedTokens >= least;
}

function usageOf(part: Partial<Usage>): Usage {
  return { uncached: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0, output: 0, thinking: 0, ...part };
}

function byModel(priced: { load: Load; pico: Pico | null }[]): Quote['models'] {
  const groups = Map.groupBy(priced, ({ load }) => `${load.role} ${load.ref}`);
  return [...groups.values()].map((group) => {
    const [{ load }] = group as [(typeof group)[number]];
    const picos = group.map(({ pico }) => pico);
    const isPriced = picos.every((pico) => pico !== null);
    return {
      model: load.ref,
      role: load.role,
      calls: sum(group.map((each) => each.load.calls)),
      usd: isPriced ? toUsd(picos) : null,
    };
  });
}

function toUsd(picos: (Pico | null)[]): Estimate {
  const total = (bound: Bound) => picos.reduce((all, pico) => all + (pico?.[bound] ?? 0n), 0n);
  return {
    low: Number(total('low')) / PICO_USD,
    expected: Number(total('expected')) / PICO_USD,
    high: Number(total('high')) / PICO_USD,
  };
}

const sum = (parts: Estimate[]): Estimate =>
  parts.reduce((a, b) => ({ low: a.low + b.low, expected: a.expected + b.expected, high: a.high + b.high }), {
    low: 0,
    expected: 0,
    high: 0,
  });
const times = (a: Estimate, b: Estimate): Estimate => ({
  low: a.low * b.low,
  expected: a.expected * b.expected,
  high: a.high * b.high,
});
const plus = (a: Estimate, shared: number): Estimate => ({
  low: a.low + shared,
  expected: a.expected + shared,
  high: a.high + shared,
});

/**
 * Refuses a budget that could not be kept: a price is unknown, or not even one call fits.
 *
 * @returns the budget in pico-USD, null without one
 * @throws CrosscheckError PRICE_UNKNOWN, BUDGET_TOO_SMALL
 */
export function checkBudget({ sweep, quote }: { sweep: ResolvedSweep; quote: Quote }): bigint | null {
  if (sweep.budget === null) return null;
  const { usd, allowUnpriced } = sweep.budget;
  if (quote.unpriced.length > 0 && !allowUnpriced) {
    throw new CrosscheckError(
      'PRICE_UNKNOWN',
      `no price is known for ${quote.unpriced.join(', ')}: the budget could not be kept`,
      {
        field: 'budget',
        got: quote.unpriced,
        expected: 'models with a price, or budget.allowUnpriced to count them as free',
      },
    );
  }
  const dearest = Math.max(
    0,
    ...quote.models.map(({ calls, usd: cost }) => (calls.expected > 0 && cost ? cost.expected / calls.expected : 0)),
  );
  if (usd < dearest) {
    throw new CrosscheckError(
      'BUDGET_TOO_SMALL',
      `one call costs about ${dearest.toFixed(6)} USD, and the budget is ${usd} USD`,
      {
        field: 'budget.usd',
        got: usd,
        expected: `at least ${dearest.toFixed(6)}`,
      },
    );
  }
  return toPicoUsd(usd);
}

/** USD as pico-USD by whole micro-USD, for a decimal number of USD has no exact pico-USD; at least one micro-USD. */
export function toPicoUsd(usd: number): bigint {
  const picoUsd = BigInt(Math.max(1, Math.round(usd * 1e6))) * 1_000_000n;
  return picoUsd < BUDGET_PICO_USD_MAX ? picoUsd : BUDGET_PICO_USD_MAX;
}
