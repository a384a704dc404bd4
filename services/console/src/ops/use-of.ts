import type { LaneUse, LaneView } from '@crosscheck/contracts';
import { type Level, WINDOW_MINUTES } from '../api/operations.ts';
import type { Line } from './line-chart.tsx';

export type Resource = { name: string; line: Line; limit: number | null; now: number };
const WINDOW_S = WINDOW_MINUTES * 60;

/** What a lane takes of each resource against its limit. Rates a minute, as limits are. */
export function resourcesOf(
  { id, limits, budget }: LaneView,
  { use, levels, untilS }: { use: LaneUse | undefined; levels: readonly Level[]; untilS: number },
): Resource[] {
  const used = use?.lanes.find(({ lane }) => lane === id);
  const stepS = (use?.stepMs ?? 10_000) / 1_000;
  const endS = use ? Date.parse(use.until) / 1_000 : untilS;
  const times = stepTimes({ endS, stepS });
  const rate = (counts: readonly number[] | undefined) => times.map((_, step) => ((counts?.[step] ?? 0) * 60) / stepS);
  const toResource = (
    name: string,
    counts: readonly number[] | undefined,
    limit: number | null | undefined,
  ): Resource => {
    const values = rate(counts);
    const line = { times, values, ...(name === 'Requests' && used ? { marks: used.limited } : {}) };
    return { name: `${name} / min`, line, limit: limit ?? null, now: values.at(-1) ?? 0 };
  };
  return [
    toResource('Requests', used?.calls, limits.requestsPerMinute),
    toResource('Tokens in', used?.inputTokens, limits.inputTokensPerMinute),
    toResource('Tokens out', used?.outputTokens, limits.outputTokensPerMinute),
    {
      name: 'In flight',
      line: { times: levels.map(({ atMs }) => atMs / 1_000), values: levels.map(({ inFlight }) => inFlight[id] ?? 0) },
      limit: limits.maxInFlight ?? null,
      now: budget?.inFlight ?? 0,
    },
  ];
}

function stepTimes({ endS, stepS }: { endS: number; stepS: number }): number[] {
  const steps = Math.round(WINDOW_S / stepS);
  return Array.from({ length: steps }, (_, index) => endS - (steps - 1 - index) * stepS);
}

export const sumOf = (counts: readonly number[] | undefined): number =>
  (counts ?? []).reduce((sum, count) => sum + count, 0);

/** Whether a lane is worth a place of its own: it did something lately, or somebody waits for it. */
export function isBusy({ id, backlog, budget, paused }: LaneView, use: LaneUse | undefined): boolean {
  const isUsed = use?.lanes.some(({ lane }) => lane === id) ?? false;
  return isUsed || paused !== null || backlog.planned + backlog.queued > 0 || (budget?.inFlight ?? 0) > 0;
}
