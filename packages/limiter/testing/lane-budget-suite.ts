import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import type {
  CallEstimate,
  FlushableLaneBudget,
  Lane,
  LaneLimits,
  ReserveAnswer,
  Reservation,
  Settlement,
} from '@crosscheck/contracts';
import { assertSameAsModel } from './same-as-model.ts';
import { assertPaced, spendTogether } from './spend-together.ts';

/**
 * Opens a budget for one test. Budgets that are opened with the same `t` share one backend, as processes do. With `nowUs` the test owns
 * the time.
 */
export type OpenLaneBudget = (
  t: TestContext,
  options?: { nowUs?: () => number; owner?: string },
) => Promise<FlushableLaneBudget>;

export type SuiteOptions = { skip?: string | false };

const CALL: CallEstimate = { inputTokens: 100, outputTokens: 50 };
const NO_LIMITS: LaneLimits = {
  requestsPerMinute: null,
  inputTokensPerMinute: null,
  outputTokensPerMinute: null,
  maxInFlight: null,
};
const laneOf = (limits: Partial<LaneLimits>): Lane => ({ id: 'mock/pool', limits: { ...NO_LIMITS, ...limits } });
const settled = (used: CallEstimate | null, feedback: Settlement['feedback'] = { kind: 'ok' }): Settlement => ({
  used,
  sent: used !== null || feedback.kind !== 'ok',
  feedback,
});
const NOT_SENT: Settlement = { used: null, sent: false, feedback: { kind: 'ok' } };

/** A clock of the test's own, which starts at a time of today's size and moves when told. */
function makeTestClock() {
  let atUs = 1_790_000_000_000_000;
  return { nowUs: () => atUs, advanceMs: (ms: number) => (atUs += ms * 1000) };
}

function granted(answer: ReserveAnswer): { reservation: Reservation; waitMs: number } {
  assert.ok(answer.granted, `expected a grant, got ${JSON.stringify(answer)}`);
  return answer;
}

function refused(answer: ReserveAnswer): Extract<ReserveAnswer, { granted: false }> {
  assert.ok(!answer.granted, `expected a refusal, got ${JSON.stringify(answer)}`);
  return answer;
}

/** What every lane budget does, in Redis and in Postgres. */
export function laneBudgetSuite(where: string, open: OpenLaneBudget, { skip = false }: SuiteOptions = {}): void {
  suite(`lane budget in ${where}`, { skip }, () => {
    test('it does step by step what the model of the arithmetic does', async (t) => {
      await assertSameAsModel(t, open);
    });

    test('two processes together are paced at the rate, and lose none of it', async (t) => {
      const budgets = [await open(t), await open(t)];
      const lane = laneOf({ requestsPerMinute: 6_000 });
      const starts = await spendTogether(budgets, lane, { callers: 100, forMs: 1_500 });
      assertPaced(starts, { perSecond: 100, burst: 25, forMs: 1_500 });
    });

    test('of forty at once a few start now, some get a place of their own in the next second, and the others nothing', async (t) => {
      const clock = makeTestClock();
      const budget = await open(t, clock);
      const lane = laneOf({ requestsPerMinute: 600 });
      const asked = await Promise.all(Array.from({ length: 40 }, () => budget.reserve(lane, CALL, 1_000)));
      const waits = asked.filter((answer) => answer.granted).map((answer) => answer.waitMs);
      assert.equal(waits.filter((waitMs) => waitMs === 0).length, 2);
      assert.equal(waits.length, 12, 'what would wait for longer than a second takes nothing');
      const late = waits.filter((waitMs) => waitMs > 0).toSorted((a, b) => a - b);
      for (const [n, waitMs] of late.entries()) assert.ok(Math.abs(waitMs - 52 - n * 100.5) <= 2, late.join());
      const others = asked.filter((answer) => !answer.granted);
      assert.ok(others.every((answer) => answer.binds === 'requests' && answer.retryInMs > 0));
    });

    test('a refused call takes nothing: the next small one passes', async (t) => {
      const clock = makeTestClock();
      const budget = await open(t, clock);
      const lane = laneOf({ inputTokensPerMinute: 240_000, requestsPerMinute: 6_000 });
      granted(await budget.reserve(lane, { inputTokens: 1_000, outputTokens: 1 }, 0));
      const large = refused(await budget.reserve(lane, { inputTokens: 900, outputTokens: 1 }, 100));
      assert.equal(large.binds, 'inputTokens');
      assert.ok(large.retryInMs > 0 && large.retryInMs < 150);
      granted(await budget.reserve(lane, { inputTokens: 1, outputTokens: 1 }, 50));
    });

    test('tokens beyond the estimate are debt, tokens below it come back', async (t) => {
      const clock = makeTestClock();
      const budget = await open(t, clock);
      const lane = laneOf({ outputTokensPerMinute: 60_000 });
      const [under, over] = [
        granted(await budget.reserve(lane, CALL, 0)),
        granted(await budget.reserve(lane, CALL, 0)),
      ];
      await budget.settle(lane, under.reservation, settled({ inputTokens: 100, outputTokens: 10_050 }));
      await budget.flush();
      assert.ok(Math.abs((await budget.read(lane)).waitMs.outputTokens - 9_900) < 100, 'ten seconds less the bucket');
      assert.equal(refused(await budget.reserve(lane, CALL, 2_000)).binds, 'outputTokens');
      await budget.settle(lane, over.reservation, settled({ inputTokens: 100, outputTokens: 0 }));
      await budget.flush();
      assert.ok(Math.abs((await budget.read(lane)).waitMs.outputTokens - 9_850) < 100);
    });

    test('a call larger than the bucket waits for a full one and then goes', async (t) => {
      const clock = makeTestClock();
      const budget = await open(t, clock);
      const lane = laneOf({ inputTokensPerMinute: 6_000 });
      assert.equal(granted(await budget.reserve(lane, { inputTokens: 5_000, outputTokens: 1 }, 0)).waitMs, 0);
      clock.advanceMs(48_000);
      assert.equal(
        refused(await budget.reserve(lane, { inputTokens: 5_000, outputTokens: 1 }, 1_000)).binds,
        'inputTokens',
      );
      clock.advanceMs(3_000);
      granted(await budget.reserve(lane, { inputTokens: 5_000, outputTokens: 1 }, 0));
    });

    test('a place that is given back before its time goes to the next who asks', async (t) => {
      const clock = makeTestClock();
      const budget = await open(t, clock);
      const lane = laneOf({ requestsPerMinute: 60 });
      granted(await budget.reserve(lane, CALL, 0));
      const given = granted(await budget.reserve(lane, CALL, 2_000));
      const last = granted(await budget.reserve(lane, CALL, 3_000));
      await budget.settle(lane, given.reservation, NOT_SENT);
      assert.equal(granted(await budget.reserve(lane, CALL, 3_000)).waitMs, given.waitMs);
      assert.ok(granted(await budget.reserve(lane, CALL, 4_000)).waitMs > last.waitMs);
    });

    test('never more than the limit are in flight, and a settled call makes room', async (t) => {
      const [one, second] = [await open(t), await open(t)];
      const lane = laneOf({ maxInFlight: 5 });
      const asked = await Promise.all(
        Array.from({ length: 12 }, (_, n) => (n % 2 ? one : second).reserve(lane, CALL, 0)),
      );
      const places = asked.filter((answer) => answer.granted);
      assert.equal(places.length, 5);
      const [first] = places;
      assert.ok(first);
      assert.equal(refused(await second.reserve(lane, CALL, 0)).binds, 'inFlight');
      await second.settle(lane, first.reservation, settled(CALL));
      granted(await second.reserve(lane, CALL, 0));
      assert.equal((await second.read(lane)).inFlight, 5);
    });

    test('the place of a crashed worker comes back when its lease ends', async (t) => {
      const clock = makeTestClock();
      const budget = await open(t, clock);
      const lane = laneOf({ maxInFlight: 1 });
      const { reservation } = granted(await budget.reserve(lane, CALL, 0, 60_000));
      clock.advanceMs(59_999);
      assert.equal(refused(await budget.reserve(lane, CALL, 0)).binds, 'inFlight');
      clock.advanceMs(1);
      granted(await budget.reserve(lane, CALL, 0));
      await budget.settle(lane, reservation, settled(CALL));
      await budget.flush();
      assert.equal((await budget.read(lane)).inFlight, 1, 'settling after the lease frees no second place');
    });

    test('the places of a worker that is known to be dead come back at once, and nobody else’s', async (t) => {
      const [dead, living] = [await open(t, { owner: 'w-1' }), await open(t, { owner: 'w-11' })];
      const lane = laneOf({ maxInFlight: 3 });
      granted(await dead.reserve(lane, CALL, 0));
      const late = granted(await dead.reserve(lane, CALL, 0));
      granted(await living.reserve(lane, CALL, 0));
      await living.forget(lane.id, 'w-1');
      assert.equal((await living.read(lane)).inFlight, 1);
      await dead.settle(lane, late.reservation, settled(CALL));
      await dead.flush();
      assert.equal((await living.read(lane)).inFlight, 1, 'a settlement that comes after all frees nothing more');
    });

    test('settling twice does nothing', async (t) => {
      const clock = makeTestClock();
      const budget = await open(t, clock);
      const lane = laneOf({ outputTokensPerMinute: 60_000, maxInFlight: 10 });
      const { reservation } = granted(await budget.reserve(lane, CALL, 0));
      granted(await budget.reserve(lane, CALL, 0));
      for (let time = 0; time < 2; time += 1) {
        await budget.settle(lane, reservation, settled({ inputTokens: 100, outputTokens: 10_050 }));
        await budget.flush();
      }
      const state = await budget.read(lane);
      assert.equal(state.inFlight, 1);
      assert.ok(
        state.waitMs.outputTokens < 10_000,
        `one debt of ten seconds, not two: ${state.waitMs.outputTokens} ms`,
      );
    });

    test('a hold closes the lane for every process, a shorter one changes nothing, a release opens it', async (t) => {
      const clock = makeTestClock();
      const [one, other] = [await open(t, clock), await open(t, clock)];
      const lane = laneOf({ requestsPerMinute: 600 });
      await one.hold(lane.id, 5_000, 'the account is being changed');
      await other.hold(lane.id, 1_000, 'shorter');
      const answer = refused(await other.reserve(lane, CALL, 60_000));
      assert.deepEqual(answer, {
        granted: false,
        binds: 'hold',
        retryInMs: 5_000,
        reason: 'the account is being changed',
      });
      assert.deepEqual((await other.read(lane)).hold, {
        untilMs: clock.nowUs() / 1000 + 5_000,
        reason: 'the account is being changed',
      });
      await other.release(lane.id);
      granted(await one.reserve(lane, CALL, 0));
      assert.equal((await one.read(lane)).hold, null);
    });

    test('a 429 closes the lane for everybody and shrinks its rate once an episode', async (t) => {
      const clock = makeTestClock();
      const [one, other] = [await open(t, clock), await open(t, clock)];
      const lane = laneOf({ requestsPerMinute: 6_000 });
      const calls = await Promise.all([1, 2, 3].map(async () => granted(await one.reserve(lane, CALL, 0)).reservation));
      for (const call of calls) await one.settle(lane, call, settled(null, { kind: 'limited', retryAfterMs: 3_000 }));
      const closed = refused(await other.reserve(lane, CALL, 10_000));
      assert.deepEqual([closed.binds, closed.retryInMs], ['hold', 3_000]);
      const shrunk = (await other.read(lane)).requestsPerMinute ?? 0;
      assert.ok(shrunk >= 0.69 * 6_000 && shrunk <= 0.9 * 6_000, `three refusals, one cut: ${shrunk}`);

      clock.advanceMs(3_000);
      for (let second = 0; second < 40; second += 1) {
        granted(await other.reserve(lane, CALL, 2_000));
        clock.advanceMs(1_000);
      }
      assert.equal((await other.read(lane)).requestsPerMinute, 6_000, 'clean sending brings the rate back');
    });

    test('rate headers shrink a bucket and never fill it', async (t) => {
      const clock = makeTestClock();
      const budget = await open(t, clock);
      const lane = laneOf({ requestsPerMinute: 600, outputTokensPerMinute: 60_000 });
      const [one, two] = [granted(await budget.reserve(lane, CALL, 0)), granted(await budget.reserve(lane, CALL, 0))];
      const full = { kind: 'ok' as const, remaining: { requests: 600, outputTokens: 60_000 } };
      await budget.settle(lane, one.reservation, settled(CALL, full));
      await budget.flush();
      const before = (await budget.read(lane)).waitMs;
      assert.ok(before.requests > 0, 'the burst is spent, whatever the header says');
      await budget.settle(lane, two.reservation, settled(CALL, { kind: 'ok', remaining: { outputTokens: 0 } }));
      await budget.flush();
      assert.equal(
        refused(await budget.reserve(lane, { inputTokens: 1, outputTokens: 1_000 }, 0)).binds,
        'outputTokens',
      );
    });

    test('an overload lets fewer in flight, stray failures do not', async (t) => {
      const clock = makeTestClock();
      const budget = await open(t, clock);
      const lane = laneOf({ maxInFlight: 30 });
      const take = async (): Promise<Reservation> => granted(await budget.reserve(lane, CALL, 0)).reservation;
      const end = (call: Reservation, kind: 'ok' | 'overloaded') => budget.settle(lane, call, settled(CALL, { kind }));
      for (let n = 0; n < 60; n += 1) await end(await take(), n % 20 === 0 ? 'overloaded' : 'ok');
      assert.equal((await budget.read(lane)).inFlightMax, 30);

      const calls = await Promise.all(Array.from({ length: 24 }, take));
      clock.advanceMs(100);
      for (const call of calls) await end(call, 'overloaded');
      await budget.flush();
      const { inFlightMax } = await budget.read(lane);
      assert.ok(
        inFlightMax !== null && inFlightMax >= 10 && inFlightMax <= 17,
        `one cut by 0.7, not many: ${inFlightMax}`,
      );
      for (let n = 0; n < 450; n += 1) {
        clock.advanceMs(10);
        await end(await take(), 'ok');
      }
      await budget.flush();
      assert.equal((await budget.read(lane)).inFlightMax, 30, 'clean calls bring the limit back');
    });

    test('a lane that climbs starts at a tenth and reaches its rate while it is clean', async (t) => {
      const clock = makeTestClock();
      const budget = await open(t, clock);
      const lane = laneOf({ requestsPerMinute: 6_000, rampUp: true });
      const rates: number[] = [];
      for (let second = 0; second < 200; second += 1) {
        granted(await budget.reserve(lane, CALL, 2_000));
        if (second % 30 === 1) rates.push((await budget.read(lane)).requestsPerMinute ?? 0);
        clock.advanceMs(1_000);
      }
      assert.ok(Math.abs((rates[0] ?? 0) - 600) < 30, `${rates[0]}`);
      assert.ok(Math.abs((rates[1] ?? 0) / (rates[0] ?? 1) - 1.5) < 0.01);
      assert.equal(rates.at(-1), 6_000);
    });

    test('a lane without limits lets everything pass and still counts it', async (t) => {
      const budget = await open(t);
      const lane = laneOf({});
      for (let n = 0; n < 20; n += 1) assert.equal(granted(await budget.reserve(lane, CALL, 0)).waitMs, 0);
      const state = await budget.read(lane);
      assert.deepEqual([state.inFlight, state.inFlightMax, state.requestsPerMinute], [20, null, null]);
      assert.deepEqual(state.waitMs, { requests: 0, inputTokens: 0, outputTokens: 0 });
    });

    test('lanes do not know of each other', async (t) => {
      const budget = await open(t);
      const lane = laneOf({ maxInFlight: 1 });
      granted(await budget.reserve(lane, CALL, 0));
      await budget.hold('mock/other', 60_000, 'closed');
      granted(await budget.reserve({ ...lane, id: 'mock/third' }, CALL, 0));
      assert.equal(refused(await budget.reserve({ ...lane, id: 'mock/other' }, CALL, 0)).binds, 'hold');
    });

    test('a lane that nobody has used can be read', async (t) => {
      const budget = await open(t);
      assert.deepEqual(await budget.read({ ...laneOf({ maxInFlight: 3, requestsPerMinute: 60 }), id: 'mock/new' }), {
        laneId: 'mock/new',
        inFlight: 0,
        inFlightMax: 3,
        requestsPerMinute: 60,
        waitMs: { requests: 0, inputTokens: 0, outputTokens: 0 },
        hold: null,
      });
    });
  });
}
