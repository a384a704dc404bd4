import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LaneOnWire, LaneSettlement } from '@crosscheck/contracts';
import { makeLaneState, rateOf, reserveModel, settleModel } from '../testing/lane-model.ts';

const T0 = 1_790_000_000_000_000;

/** Events in the order of their time. */
function makeTimeline() {
  const events: { atUs: number; run: (nowUs: number) => void }[] = [];
  const at = (atUs: number, run: (nowUs: number) => void): void => {
    const place = events.findLastIndex((event) => event.atUs <= atUs) + 1;
    events.splice(place, 0, { atUs, run });
  };
  const runUntil = (untilUs: number): void => {
    for (let next = events.shift(); next && next.atUs <= untilUs; next = events.shift()) next.run(next.atUs);
  };
  return { at, runUntil };
}

/** A provider's token bucket in requests, as real ones are: continuous refill, integer `retry-after` of at least a second. */
function makeProvider({ perMinute, burst }: { perMinute: number; burst: number }) {
  let [level, lastUs] = [burst, T0];
  return (nowUs: number): number | null => {
    level = Math.min(burst, level + ((nowUs - lastUs) * perMinute) / 60e6);
    lastUs = nowUs;
    if (level < 1) return Math.max(1, Math.ceil(((1 - level) * 60) / perMinute)) * 1000;
    level -= 1;
    return null;
  };
}

type World = {
  configured: number;
  perMinute: number;
  burst: number;
  latencyMs: number;
  jitterMs: number;
  seconds: number;
};

/** Sixty callers that always want more, against a provider. @returns admitted and refused calls by second, and the rate at the end */
function run({ configured, perMinute, burst, latencyMs, jitterMs, seconds }: World) {
  const lane: LaneOnWire = {
    id: 'mock/pool',
    limits: { requests: configured, input: 0, output: 0, inFlight: 0, rampUp: 0 },
  };
  const [state, timeline, provider] = [makeLaneState(), makeTimeline(), makeProvider({ perMinute, burst })];
  const [admitted, refused] = [Array<number>(seconds + 1).fill(0), Array<number>(seconds + 1).fill(0)];
  let [calls, chance] = [0, 7];
  const random = (): number => (chance = (chance * 16_807) % 2_147_483_647) / 2_147_483_647;

  function ask(nowUs: number): void {
    const id = `call-${(calls += 1)}`;
    const answer = reserveModel(state, lane, { id, input: 1, output: 1, waitMsMax: 2_000, leaseMs: 900_000 }, nowUs);
    if (answer.granted) timeline.at(nowUs + answer.waitMs * 1000, (atUs) => send(id, answer.sendUs, atUs));
    else timeline.at(nowUs + Math.min(2_000, answer.retryInMs) * 1000, ask);
  }
  function send(id: string, sendUs: number, nowUs: number): void {
    const settle = (atUs: number, how: Partial<LaneSettlement>): void => {
      const settlement = { sent: 1, input: 0, output: 0, kind: 'ok', retryAfterMs: 0, remaining: {} } as const;
      settleModel(state, lane, { ...settlement, id, sendUs, ...how }, atUs);
      timeline.at(atUs + 1, ask);
    };
    // The gate looks again after sleeping.
    if (state.heldUntilUs > nowUs) return settle(nowUs, { sent: 0 });
    timeline.at(nowUs + Math.round(5_000 + random() * jitterMs * 1000), (arrivedUs) => {
      const retryAfterMs = provider(arrivedUs);
      const by = retryAfterMs === null ? admitted : refused;
      const second = Math.floor((arrivedUs - T0) / 1e6);
      by[second] = (by[second] ?? 0) + 1;
      const how = retryAfterMs === null ? {} : ({ kind: 'limited', retryAfterMs } as const);
      timeline.at(arrivedUs + (retryAfterMs === null ? latencyMs * 1000 : 3_000), (atUs) => settle(atUs, how));
    });
  }

  for (let caller = 0; caller < 60; caller += 1) timeline.at(T0 + caller, ask);
  timeline.runUntil(T0 + seconds * 1e6);
  return { admitted, refused, rate: rateOf(state, lane.limits) };
}

const sum = (counts: number[], from: number, to: number): number => counts.slice(from, to).reduce((a, b) => a + b, 0);

test('600 a minute enforced as ten a second sees no 429, and 99 % of its rate, with 100 ms of jitter', () => {
  const world = { configured: 600, perMinute: 600, burst: 10, latencyMs: 200, jitterMs: 100, seconds: 120 };
  const { admitted, refused } = run(world);
  assert.equal(sum(refused, 0, 120), 0);
  assert.ok(sum(admitted, 0, 120) >= 0.99 * 1_200, `${sum(admitted, 0, 120)} of 1200`);
});

test('a bucket of a whole minute is used at 99 % of the rate as well', () => {
  const world = { configured: 600, perMinute: 600, burst: 600, latencyMs: 200, jitterMs: 100, seconds: 120 };
  assert.ok(sum(run(world).admitted, 0, 120) >= 0.99 * 1_200);
});

const worlds = [
  {
    name: 'a bucket of a second',
    configured: 600,
    perMinute: 300,
    burst: 5,
    latencyMs: 200,
    jitterMs: 50,
    seconds: 240,
  },
  {
    name: 'a bucket of a minute',
    configured: 600,
    perMinute: 300,
    burst: 300,
    latencyMs: 200,
    jitterMs: 50,
    seconds: 360,
  },
  { name: 'slow answers', configured: 600, perMinute: 300, burst: 30, latencyMs: 5_000, jitterMs: 300, seconds: 240 },
  { name: 'a fifth', configured: 3_000, perMinute: 600, burst: 10, latencyMs: 500, jitterMs: 50, seconds: 240 },
];
for (const { name, ...world } of worlds) {
  test(`a provider that gives less than configured is found out within a minute: ${name}`, () => {
    const { admitted, refused, rate } = run(world);
    const fromSecond = refused.findIndex((n) => n > 0) + 60;
    const share = (from: number): number => sum(admitted, from, from + 30) / (world.perMinute / 2);
    for (let from = fromSecond; from + 30 <= world.seconds; from += 10) {
      assert.ok(share(from) >= 0.9, `${share(from)} of the true rate from second ${from} on`);
    }
    const refusals = sum(refused, fromSecond, world.seconds);
    assert.ok(refusals <= 0.015 * sum(admitted, fromSecond, world.seconds), `${refusals} refused`);
    assert.ok(rate <= 1.2 * world.perMinute, `${rate} a minute at the end`);
  });
}
