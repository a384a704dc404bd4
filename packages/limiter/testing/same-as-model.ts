import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { CallFeedback, FlushableLaneBudget, Lane, ReserveAnswer, Reservation } from '@crosscheck/contracts';
import fc from 'fast-check';
import type { OpenLaneBudget } from './lane-budget-suite.ts';
import { makeModelLaneBudget } from './model-lane-budget.ts';

type Step =
  | { kind: 'reserve'; inputTokens: number; outputTokens: number; waitMsMax: number; leaseMs: number }
  | { kind: 'settle'; which: number; input: number; output: number; sent: boolean; feedback: CallFeedback }
  | { kind: 'wait'; ms: number }
  | { kind: 'hold'; forMs: number }
  | { kind: 'release' };

const limit = (max: number) => fc.option(fc.integer({ min: 1, max }));
const limits = fc.record({
  requestsPerMinute: limit(60_000),
  inputTokensPerMinute: limit(2_000_000),
  outputTokensPerMinute: limit(400_000),
  maxInFlight: limit(12),
  rampUp: fc.boolean(),
});

const remaining = fc.record({ requests: fc.nat(100), outputTokens: fc.nat(100_000) }, { requiredKeys: [] });
const feedback: fc.Arbitrary<CallFeedback> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('ok' as const), remaining }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('limited' as const),
      retryAfterMs: fc.option(fc.integer({ min: 1, max: 9_000 })),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'overloaded' as const }) },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('reserve' as const),
      inputTokens: fc.nat(20_000),
      outputTokens: fc.nat(4_000),
      waitMsMax: fc.nat(5_000),
      leaseMs: fc.integer({ min: 100, max: 900_000 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('settle' as const),
      which: fc.nat(20),
      input: fc.nat(20_000),
      output: fc.nat(8_000),
      sent: fc.boolean(),
      feedback,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.oneof(fc.nat(500), fc.nat(60_000)) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('hold' as const), forMs: fc.nat(3_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('release' as const) }) },
);

/** Runs random histories on the backend and on the model, on one clock, and compares every answer and every state that can be read. */
export async function assertSameAsModel(t: TestContext, open: OpenLaneBudget): Promise<void> {
  let nowUs = 1_790_000_000_123_457;
  let runs = 0;
  const real = await open(t, { nowUs: () => nowUs });
  const model = makeModelLaneBudget(() => nowUs);
  await fc.assert(
    fc.asyncProperty(limits, fc.array(step, { maxLength: 60, size: 'max' }), async (laneLimits, steps) => {
      const lane = { id: `mock/run-${(runs += 1)}`, limits: laneLimits };
      const pairs: [Reservation, Reservation][] = [];
      for (const next of steps) {
        if (next.kind === 'wait') nowUs += next.ms * 1000;
        else await takeStep({ real, model, lane, pairs }, next);
        assert.deepEqual(await real.read(lane), await model.read(lane));
      }
    }),
    { numRuns: 60 },
  );
}

type Both = { real: FlushableLaneBudget; model: FlushableLaneBudget; lane: Lane; pairs: [Reservation, Reservation][] };

async function takeStep({ real, model, lane, pairs }: Both, step: Exclude<Step, { kind: 'wait' }>): Promise<void> {
  switch (step.kind) {
    case 'reserve': {
      const ask = (budget: FlushableLaneBudget) => budget.reserve(lane, step, step.waitMsMax, step.leaseMs);
      const [given, expected] = [await ask(real), await ask(model)];
      assert.deepEqual(comparable(given), comparable(expected));
      if (given.granted && expected.granted) pairs.push([given.reservation, expected.reservation]);
      return;
    }
    case 'settle': {
      // An index over all that was ever reserved: some are settled twice, some after their lease.
      const pair = pairs[step.which % Math.max(1, pairs.length)];
      const used = step.sent ? { inputTokens: step.input, outputTokens: step.output } : null;
      for (const [budget, reservation] of [[real, pair?.[0]] as const, [model, pair?.[1]] as const]) {
        if (!reservation) continue;
        await budget.settle(lane, reservation, { used, sent: step.sent, feedback: step.feedback });
        await budget.flush();
      }
      return;
    }
    case 'hold':
      await Promise.all([real, model].map((budget) => budget.hold(lane.id, step.forMs, `for ${step.forMs}`)));
      return;
    case 'release':
      await Promise.all([real, model].map((budget) => budget.release(lane.id)));
      return;
    default:
      step satisfies never;
  }
}

/** Everything but the random part of the reservation's id; what follows the @ is the start. */
function comparable(answer: ReserveAnswer): unknown {
  if (!answer.granted) return answer;
  return { waitMs: answer.waitMs, startUs: answer.reservation.id.split('@')[1] };
}
