import type { Usage } from '@crosscheck/contracts';
import type { PriceRow } from './catalog-schema.ts';
import { findModel, modelCatalog } from './catalog.ts';
import { toPicoUsdPerToken } from './pico-usd.ts';

/** Integer pico-USD (10⁻¹² USD) per token. */
export type PicoRates = Record<'input' | 'output' | 'cacheWrite5m' | 'cacheWrite1h' | 'cacheRead', bigint>;

export type CostQuestion = {
  /** an id or alias of the catalogue */
  model: string;
  usage: Usage;
  /** when the call was made: prices are dated, by UTC day */
  at: Date;
  /** sent as part of a batch: half of every rate */
  batch?: boolean;
  /** inference pinned to the US: a tenth more, on the models that charge it */
  geoUs?: boolean;
  /** the provider is declared simulated: a model that the catalogue does not know costs nothing, and says so */
  simulated?: boolean;
};

export type Cost = {
  /** a signed 64 bit column holds 9.2 million USD of these; sum them as numeric */
  picoUsd: bigint;
  /** the table the cost was computed with, so that it can be computed again */
  tableVersion: string;
  /** catalogue: the list price. simulated: no price exists, nobody is charged. */
  basis: 'catalogue' | 'simulated';
};

/**
 * What a call costs by the list price of its day. Integers throughout: tokens × rate, then the factors, which every listed rate
 * survives without a remainder (the catalogue is refused otherwise).
 *
 * @returns null when the model had no price that day: unpriced, which is not free
 */
export function costPicoUsd({
  model,
  usage,
  at,
  batch = false,
  geoUs = false,
  simulated = false,
}: CostQuestion): Cost | null {
  const { tableVersion } = modelCatalog;
  if (simulated && findModel(model) === null) return { picoUsd: 0n, tableVersion, basis: 'simulated' };
  const rates = priceOf(model, at, promptTokensOf(usage));
  if (rates === null) return null;
  const listed =
    BigInt(usage.uncached) * rates.input +
    BigInt(usage.cacheWrite5m) * rates.cacheWrite5m +
    BigInt(usage.cacheWrite1h) * rates.cacheWrite1h +
    BigInt(usage.cacheRead) * rates.cacheRead +
    BigInt(usage.output) * rates.output;
  const placed = geoUs && chargesGeo(model) ? (listed * 11n) / 10n : listed;
  return { picoUsd: batch ? placed / 2n : placed, tableVersion, basis: 'catalogue' };
}

/**
 * What the provider's cache saved on a call against plain input, by the list price of its day: negative for a call that only wrote.
 *
 * @returns pico-USD; 0 for a model without a price
 */
export function cacheSavedPicoUsd({ model, usage, at }: Pick<CostQuestion, 'model' | 'usage' | 'at'>): bigint {
  const rates = priceOf(model, at, promptTokensOf(usage));
  if (rates === null) return 0n;
  return (
    BigInt(usage.cacheRead) * (rates.input - rates.cacheRead) -
    BigInt(usage.cacheWrite5m) * (rates.cacheWrite5m - rates.input) -
    BigInt(usage.cacheWrite1h) * (rates.cacheWrite1h - rates.input)
  );
}

/**
 * The rates in force for a model on a day.
 *
 * @param promptTokens the whole prompt, cached or not: some models charge every token by its length
 * @returns null when the model is unknown or had no price on that day
 */
export function priceOf(model: string, at: Date, promptTokens = 0): PicoRates | null {
  const day = at.toISOString().slice(0, 10);
  const row = findModel(model)?.prices?.find((price) => isInForce(price, day) && isInBand(price, promptTokens));
  return row === undefined ? null : toPicoRates(row);
}

/** Everything the model read, whatever it cost: the length that a price band looks at. */
export function promptTokensOf(usage: Usage): number {
  return usage.uncached + usage.cacheWrite5m + usage.cacheWrite1h + usage.cacheRead;
}

function isInForce(price: PriceRow, day: string): boolean {
  return price.from <= day && (price.to === undefined || day < price.to);
}

function isInBand({ promptTokensUpTo, promptTokensOver }: PriceRow, promptTokens: number): boolean {
  return promptTokens <= (promptTokensUpTo ?? Infinity) && promptTokens > (promptTokensOver ?? -1);
}

function toPicoRates(row: PriceRow): PicoRates {
  return {
    input: toPico(row.input),
    output: toPico(row.output),
    cacheWrite5m: toPico(row.cacheWrite5m),
    cacheWrite1h: toPico(row.cacheWrite1h),
    cacheRead: toPico(row.cacheRead),
  };
}

function toPico(usdPerMillionTokens: number): bigint {
  const pico = toPicoUsdPerToken(usdPerMillionTokens);
  // the catalogue is checked when it is loaded
  if (pico === null) throw new Error(`the rate ${usdPerMillionTokens} is no whole number of pico-USD per token`);
  return pico;
}

function chargesGeo(model: string): boolean {
  const id = findModel(model)?.id;
  return id !== undefined && !modelCatalog.multipliers.inferenceGeoUs.exceptFor.includes(id);
}
