import type { BenchStack } from '../../bench-support.ts';

/** One request as the simulator logged it. */
export type Arrival = {
  atMs: number;
  model: string | null;
  cell: string | null;
  status: number | null;
  inputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  outputTokens: number;
};

/** What reached the server in one case. */
export type Traffic = {
  admitted: Arrival[];
  refused: number;
  /** most requests under way at once */
  inFlightMax: number;
};

/** Limits of the simulated server, a minute. `burst` is the capacity of its buckets in minutes: 1/60 enforces by the second. */
export type ServerLimits = { requests?: number; input?: number; output?: number; burst?: number };

export const BY_THE_SECOND = 1 / 60;
const UNBOUNDED = 1_000_000_000;

/** Starts a case: the server's limits and pace as given, its counters, buckets, cache and log empty. */
export async function prepareServer(
  bench: BenchStack,
  { limits, latency }: { limits: ServerLimits; latency: object },
): Promise<void> {
  await control(bench, 'PATCH', '/tenants/default', {
    latency,
    limits: {
      requestsPerMinute: limits.requests ?? UNBOUNDED,
      inputTokensPerMinute: limits.input ?? UNBOUNDED,
      outputTokensPerMinute: limits.output ?? UNBOUNDED,
      burst: limits.burst ?? BY_THE_SECOND,
    },
  });
  await control(bench, 'POST', '/reset?tenant=default');
}

export async function readTraffic(bench: BenchStack): Promise<Traffic> {
  const [{ entries }, { tenants }] = await Promise.all([
    control<{ entries: Arrival[] }>(bench, 'GET', '/log'),
    control<{ tenants: { default: { inFlightMax: number } } }>(bench, 'GET', '/state'),
  ]);
  const ordered = entries.toSorted((a, b) => a.atMs - b.atMs);
  return {
    admitted: ordered.filter(({ status }) => status === 200),
    refused: ordered.filter(({ status }) => status === 429).length,
    inFlightMax: tenants.default.inFlightMax,
  };
}

/** Sum of `amount` over the arrivals of [fromS, toS), seconds since the first one, divided by its length: a rate per second. */
export function rateBetween(
  arrivals: Arrival[],
  fromS: number,
  toS: number,
  amount: (arrival: Arrival) => number,
): number {
  const startMs = arrivals[0]?.atMs ?? 0;
  const inside = arrivals.filter(({ atMs }) => atMs >= startMs + fromS * 1_000 && atMs < startMs + toS * 1_000);
  return inside.reduce((sum, arrival) => sum + amount(arrival), 0) / (toS - fromS);
}

/** Seconds between the first arrival and the last. */
export function spanS(arrivals: Arrival[]): number {
  return ((arrivals.at(-1)?.atMs ?? 0) - (arrivals[0]?.atMs ?? 0)) / 1_000;
}

/** `amount` per second, one figure for each whole second since the first arrival. */
export function perSecond(arrivals: Arrival[], amount: (arrival: Arrival) => number): number[] {
  const startMs = arrivals[0]?.atMs ?? 0;
  const seconds = Array<number>(Math.floor(spanS(arrivals))).fill(0);
  for (const arrival of arrivals) {
    const second = Math.floor((arrival.atMs - startMs) / 1_000);
    if (second < seconds.length) seconds[second] = (seconds[second] ?? 0) + amount(arrival);
  }
  return seconds;
}

async function control<T>({ stack }: BenchStack, method: string, route: string, body?: object): Promise<T> {
  if (!stack.simulator) throw new Error('this bench needs the simulator');
  const response = await fetch(`${stack.simulator.controlUrl}${route}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${method} ${route} of the simulator: ${JSON.stringify(answer)}`);
  return answer as T;
}
