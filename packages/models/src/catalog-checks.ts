import type { CatalogModel, ModelCatalog, PriceRow } from './catalog-schema.ts';
import { toPicoUsdPerToken } from './pico-usd.ts';

const RATES = ['input', 'output', 'cacheWrite5m', 'cacheWrite1h', 'cacheRead'] as const;

/**
 * What a catalogue that fits its schema can still get wrong: a name used twice, a pool or source that does not exist, price rows with
 * gaps or overlaps in time or prompt length, a rate that is no whole pico-USD per token even in a US batch, a cache rate that breaks its rule.
 *
 * @returns one sentence a problem; empty when there is none
 */
export function catalogProblems(catalog: ModelCatalog): string[] {
  return [
    ...nameProblems(catalog),
    ...referenceProblems(catalog),
    ...catalog.models.flatMap((model) => priceProblems(model, catalog).map((problem) => `${model.id}: ${problem}`)),
  ];
}

function nameProblems({ models }: ModelCatalog): string[] {
  const names = models.flatMap((model) => [model.id, ...model.aliases]);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  return twice.map((name) => `${name} names two models`);
}

function referenceProblems({ models, sources, rateLimits }: ModelCatalog): string[] {
  const ids = new Set(models.map((model) => model.id));
  const cited = [...models.flatMap((model) => model.sources), ...rateLimits.sources];
  return [
    ...[...new Set(cited)].filter((id) => sources[id] === undefined).map((id) => `source ${id} is not listed`),
    ...Object.entries(rateLimits.pools).flatMap(([pool, members]) =>
      members.filter((id) => !ids.has(id)).map((id) => `pool ${pool} names ${id}, which is no model`),
    ),
    ...models
      .filter(({ id, pool }) => pool !== null && rateLimits.pools[pool]?.includes(id) !== true)
      .map(({ id, pool }) => `pool ${pool} does not list ${id}`),
  ];
}

function priceProblems(model: CatalogModel, catalog: ModelCatalog): string[] {
  const rows = model.prices ?? [];
  return [...periodProblems(rows), ...rows.flatMap((row) => rateProblems(model.id, row, catalog))];
}

/** Rows of one start are the bands of one period; periods follow each other without gap or overlap, and only the last is open. */
function periodProblems(rows: PriceRow[]): string[] {
  const periods = [...Map.groupBy(rows, (row) => row.from).entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  return periods.flatMap(([from, bands], index) => {
    const next = periods[index + 1]?.[0];
    const last = next === undefined;
    const fits = bands.every((band) => band.to === bands[0]?.to && (last ? !(band.to! <= from) : band.to === next));
    return [
      ...(fits ? [] : [`the price from ${from} does not end where the next begins`]),
      ...bandProblems(from, bands),
    ];
  });
}

function bandProblems(from: string, bands: PriceRow[]): string[] {
  const sorted = bands.toSorted((a, b) => (a.promptTokensOver ?? 0) - (b.promptTokensOver ?? 0));
  const meets = sorted.every((band, index) => band.promptTokensUpTo === sorted[index + 1]?.promptTokensOver);
  const starts = sorted[0]?.promptTokensOver === undefined;
  return meets && starts ? [] : [`the price bands from ${from} leave a gap or overlap`];
}

function rateProblems(id: string, row: PriceRow, { multipliers }: ModelCatalog): string[] {
  const pico = Object.fromEntries(RATES.map((rate) => [rate, toPicoUsdPerToken(row[rate])]));
  const uneven = RATES.filter((rate) => {
    const value = pico[rate];
    // a batch halves a rate and inference in the US adds a tenth: both at once must still be whole
    return value === null || value === undefined || (value * 11n) % 20n !== 0n;
  });
  const exception = multipliers.cacheReadExceptions[id];
  const reads = [exception ?? multipliers.cacheReadDefault];
  // a row that has ended may be from before the exception
  if (exception !== undefined && row.to !== undefined) reads.push(multipliers.cacheReadDefault);
  return [
    ...uneven.map((rate) => `the ${rate} rate from ${row.from} is no whole number of pico-USD`),
    ...(isProduct(row.cacheWrite5m, row.input, [multipliers.cacheWrite5m]) ? [] : [broken('5 minute write', row)]),
    ...(isProduct(row.cacheWrite1h, row.input, [multipliers.cacheWrite1h]) ? [] : [broken('1 hour write', row)]),
    ...(isProduct(row.cacheRead, row.input, reads) ? [] : [broken('read', row)]),
  ];
}

const isProduct = (rate: number, input: number, factors: number[]) =>
  factors.some((factor) => Math.abs(rate - input * factor) < 1e-9);
const broken = (what: string, row: PriceRow) =>
  `the cache ${what} rate from ${row.from} does not follow from the input rate`;
