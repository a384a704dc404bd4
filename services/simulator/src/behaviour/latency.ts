import { Type, type Static } from 'typebox';
import type { SimulatedModel } from '../model-facts.ts';
import { lognormal, type Draws } from './keyed-draws.ts';

const strict = { additionalProperties: false } as const;
const Pace = Type.Object(
  {
    /** Time to the first token: median in ms and the sigma of its logarithm. */
    firstTokenMs: Type.Number({ minimum: 0 }),
    sigma: Type.Number({ minimum: 0 }),
    tokensPerSecond: Type.Number({ exclusiveMinimum: 0 }),
    msPerThousandInput: Type.Number({ minimum: 0 }),
  },
  strict,
);
type Pace = Static<typeof Pace>;

/** How long answers take, by model line. */
export const LatencyModel = Type.Object({ haiku: Pace, sonnet: Pace, opus: Pace, fable: Pace }, strict);
export type LatencyModel = Static<typeof LatencyModel>;

const pace = (firstTokenMs: number, sigma: number, tokensPerSecond: number, msPerThousandInput: number): Pace => ({
  firstTokenMs,
  sigma,
  tokensPerSecond,
  msPerThousandInput,
});
const everyLine = (one: Pace): LatencyModel => ({ haiku: one, sonnet: one, opus: one, fable: one });

/** `instant` answers at once, `fast` in tens of milliseconds, `realistic` as a hosted model might (illustrative). */
export const LATENCY_PRESETS = {
  instant: everyLine(pace(0, 0, 1e9, 0)),
  fast: everyLine(pace(30, 0.35, 25_000, 0.2)),
  realistic: {
    haiku: pace(450, 0.4, 120, 20),
    sonnet: pace(900, 0.45, 80, 35),
    opus: pace(1_400, 0.5, 55, 60),
    fable: pace(2_000, 0.5, 40, 80),
  },
} as const satisfies Record<string, LatencyModel>;

export type Timing = { firstTokenMs: number; totalMs: number };

/** The time of one attempt. `timeScale` divides it; 0 answers at once. */
export function timeOf(
  model: LatencyModel,
  draws: Draws,
  work: {
    line: SimulatedModel['line'];
    uncachedInput: number;
    outputTokens: number;
    speedup: number;
    timeScale: number;
  },
): Timing {
  if (work.timeScale === 0) return { firstTokenMs: 0, totalMs: 0 };
  const { firstTokenMs: median, sigma, tokensPerSecond, msPerThousandInput } = model[work.line];
  if (median === 0) return { firstTokenMs: 0, totalMs: 0 };
  const first = lognormal(draws, 'first-token', median, sigma) + (msPerThousandInput * work.uncachedInput) / 1_000;
  const factor = 1 / (work.timeScale * work.speedup);
  return { firstTokenMs: first * factor, totalMs: (first + (work.outputTokens / tokensPerSecond) * 1_000) * factor };
}

/** Median thinking tokens by effort; lognormal with sigma 0.6. */
const THINKING_MEDIAN = { low: 60, medium: 250, high: 800, xhigh: 2_000, max: 5_000 } as const;
const THINKING_SIGMA = 0.6;

/** The tokens that a model thinks before it answers. */
export function thinkingTokens(draws: Draws, effort: keyof typeof THINKING_MEDIAN): number {
  return Math.round(lognormal(draws, 'thinking', THINKING_MEDIAN[effort], THINKING_SIGMA));
}
