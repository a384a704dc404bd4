import type { Quote, SweepDetail, SweepView } from '@crosscheck/contracts';
import type { NamedCellStop, Progress, SweepRow } from '@crosscheck/store';

const PICO_USD = 1e12;

/** A sweep as lists show it, from its row and its counters. */
export function toSweepView(sweep: SweepRow, progress: Progress | undefined): SweepView {
  const { spentPicoUsd = 0n, settled = 0, outcomes = {}, attempts = 0 } = progress ?? {};
  const tokens = progress?.tokens ?? { uncached: 0, cacheWrite: 0, cacheRead: 0, output: 0 };
  const { id, name, state, stateReason, provenance, planned, priority, budgetPicoUsd, spec } = sweep;
  return {
    id,
    name,
    study: spec.study,
    state,
    stateReason,
    provenance,
    models: spec.models,
    conditions: spec.conditions.map((condition) => condition.id),
    priority,
    labels: spec.labels,
    progress: { planned, settled, outcomes },
    spend: {
      usd: Number(spentPicoUsd) / PICO_USD,
      budgetUsd: budgetPicoUsd === null ? null : Number(budgetPicoUsd) / PICO_USD,
      spentPicoUsd: String(spentPicoUsd),
      budgetPicoUsd: budgetPicoUsd === null ? null : String(budgetPicoUsd),
    },
    attempts,
    tokens,
    createdAt: sweep.createdAt.toISOString(),
    startedAt: toIso(sweep.startedAt),
    finishedAt: toIso(sweep.finishedAt),
  };
}

/** What the providers' prompt caches gave a sweep. */
export function toCacheView(progress: Progress | undefined): SweepDetail['cache'] {
  const { cacheRead = 0, cacheWrite = 0 } = progress?.tokens ?? {};
  return {
    readTokens: cacheRead,
    writeTokens: cacheWrite,
    savedUsd: Number(progress?.cacheSavedPicoUsd ?? 0n) / PICO_USD,
  };
}

/** The quote as it was given, apart from the warnings that were given with it. */
export function splitQuote(quote: SweepRow['quote']): { quote: Quote | null; warnings: string[] } {
  if (quote === null) return { quote: null, warnings: [] };
  const { warnings = [], ...rest } = quote as Quote & { warnings?: string[] };
  return { quote: Object.keys(rest).length > 0 ? rest : null, warnings };
}

/** Says that a cell was given up, and why: its trials bear the outcome infra_failed and were never sent. */
export function toWarning({ model, condition, code, detail, trials }: NamedCellStop): string {
  return `${model} under condition ${condition} was given up: ${code}: ${detail}. ${trials} trials were not sent; retry them when the cause is mended`;
}

export const toIso = (time: Date | null): string | null => time?.toISOString() ?? null;
