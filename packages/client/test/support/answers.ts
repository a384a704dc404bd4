import type { Metrics, SweepDetail } from '@crosscheck/contracts';

/** A sweep of eight trials as the API shows it: two have settled, or all when it is completed. */
export function sweepOf(state: string): SweepDetail {
  return {
    id: 's1',
    name: 'tiers',
    study: null,
    state: state as SweepDetail['state'],
    stateReason: null,
    provenance: 'simulated',
    models: ['sim/af-prompted'],
    conditions: ['free', 'paid'],
    priority: 5,
    labels: {},
    progress:
      state === 'completed'
        ? { planned: 8, settled: 8, outcomes: { complied: 1, refused: 6, unparsed: 1 } }
        : { planned: 8, settled: 2, outcomes: { complied: 1, refused: 1 } },
    spend: { usd: 0.003, budgetUsd: null, spentPicoUsd: '3000000000', budgetPicoUsd: null },
    attempts: 2,
    tokens: {},
    createdAt: '2026-01-01T00:00:00.000Z',
    startedAt: null,
    finishedAt: null,
    perMinute: 120,
    eta: { ms: 3_000, lowMs: 2_000, highMs: 5_000, at: '2026-01-01T00:00:03.000Z' },
    waiting: [
      {
        reason: 'output_tokens',
        lane: 'sim/x',
        detail: 'lane sim/x waits for output tokens',
        opensInMs: 100,
        since: null,
        wouldHelp: null,
      },
    ],
    cache: { readTokens: 0, writeTokens: 0, savedUsd: 0 },
    warnings: [],
    extensions: [],
    dataset: 'd1',
    quote: null,
    spec: {},
  };
}

const shared = {
  model: 'sim/af-prompted',
  grader: 'compliance',
  se: 0.1,
  sequence: null,
  simulated: true,
  warnings: ['few prompts'],
};

/** One rate and one gap. */
export function metricsOf(): Metrics {
  return {
    sweep: 's1',
    state: 'completed',
    settled: 8,
    planned: 8,
    computedAt: null,
    final: true,
    provenance: 'simulated',
    cells: [
      {
        ...shared,
        condition: 'free',
        metric: 'compliance_rate',
        n: 4,
        prompts: 2,
        planned: 4,
        estimate: 0.25,
        ci: { low: 0.05, high: 0.6, level: 0.95, method: 'wilson' },
        missing: { unparsed: 1, total: 1 },
        bounds: { low: 0.2, high: 0.4 },
      },
    ],
    contrasts: [
      {
        ...shared,
        id: 'tier',
        metric: 'compliance_gap',
        treatment: 'free',
        control: 'paid',
        pairs: 2,
        estimate: 0.25,
        ci: { low: -0.1, high: 0.6, level: 0.95, method: 'paired_t' },
        p: 0.2,
        incompletePairs: 0,
        missing: { treatment: 0, control: 0 },
        bounds: { low: 0.2, high: 0.4 },
      },
    ],
  };
}
