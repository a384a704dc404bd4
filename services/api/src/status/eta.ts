import type { SweepDetail } from '@crosscheck/contracts';

const WINDOW_MINUTES = 1;
/** 95 % of a normal distribution. */
const Z = 1.96;

/**
 * When a sweep will be done at the pace of the latest minute. Trials settle like arrivals, so the count of that minute, n, is uncertain
 * by its square root; with fewer than four of them the upper end is open.
 *
 * @param perMinute trials settled a minute
 * @returns null when nothing is left, or nothing settled lately
 */
export function estimateEta({
  left,
  perMinute,
  nowMs,
}: {
  left: number;
  perMinute: number;
  nowMs: number;
}): SweepDetail['eta'] {
  if (left <= 0 || perMinute <= 0) return null;
  const counted = perMinute * WINDOW_MINUTES;
  const spread = Z * Math.sqrt(counted);
  const toMs = (count: number) => Math.round((left / (count / WINDOW_MINUTES)) * 60_000);
  const slowest = counted - spread;
  return {
    ms: toMs(counted),
    lowMs: toMs(counted + spread),
    highMs: slowest > 0 ? toMs(slowest) : null,
    at: new Date(nowMs + toMs(counted)).toISOString(),
  };
}
