import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LaneOnWire, LaneSettlement } from '@crosscheck/contracts';
import fc from 'fast-check';
import { makeLaneState, reserveModel, settleModel } from '../testing/lane-model.ts';

const T0 = 1_790_000_000_000_000;
const laneOf = (limits: Partial<LaneOnWire['limits']>): LaneOnWire => ({
  id: 'mock/pool',
  limits: { requests: 0, input: 0, output: 0, inFlight: 0, rampUp: 0, ...limits },
});
const NOT_SENT: Omit<LaneSettlement, 'id' | 'sendUs'> = {
  sent: 0,
  input: 0,
  output: 0,
  kind: 'ok',
  retryAfterMs: 0,
  remaining: {},
};

type Ask = { afterMs: number; input: number; output: number; waitMsMax: number; giveBackAfterMs: number | null };
const asks = fc.array(
  fc.record({
    afterMs: fc.oneof(fc.constant(0), fc.nat(20), fc.nat(3_000)),
    input: fc.nat(3_000),
    output: fc.nat(3_000),
    waitMsMax: fc.nat(5_000),
    giveBackAfterMs: fc.option(fc.nat(2_000), { freq: 3 }),
  }),
  { maxLength: 120, size: 'max' },
);

type Sent = { atUs: number; input: number; output: number };

/** Plays the asks on a clock of its own; what was given back before its start was not sent. */
function play(lane: LaneOnWire, list: Ask[]): Sent[] {
  const state = makeLaneState();
  const sent = new Map<string, Sent>();
  const later: { atUs: number; id: string; sendUs: number; ask: Ask }[] = [];
  let nowUs = T0;
  for (const [n, ask] of list.entries()) {
    nowUs += ask.afterMs * 1000;
    for (const back of later.filter(({ atUs }) => atUs <= nowUs)) {
      later.splice(later.indexOf(back), 1);
      const tokens = { input: -back.ask.input, output: -back.ask.output };
      settleModel(
        state,
        lane,
        { ...NOT_SENT, ...tokens, id: back.id, sendUs: back.sendUs },
        Math.min(nowUs, back.atUs),
      );
      sent.delete(back.id);
    }
    const id = `call-${n}`;
    const answer = reserveModel(state, lane, { ...ask, id, leaseMs: 900_000 }, nowUs);
    if (!answer.granted) continue;
    sent.set(id, { atUs: answer.sendUs, input: ask.input, output: ask.output });
    const backUs = nowUs + (ask.giveBackAfterMs ?? Infinity) * 1000;
    if (backUs < answer.sendUs) later.push({ atUs: backUs, id, sendUs: answer.sendUs, ask });
  }
  return [...sent.values()].toSorted((a, b) => a.atUs - b.atUs);
}

/** The largest excess over rate x window + burst of any window. */
function worstWindow(sent: Sent[], size: (call: Sent) => number, perUs: number): number {
  let worst = 0;
  for (const [first, { atUs }] of sent.entries()) {
    let sum = 0;
    for (const call of sent.slice(first)) worst = Math.max(worst, (sum += size(call)) - (call.atUs - atUs) * perUs);
  }
  return worst;
}

test('no window holds more requests than its share and one burst, whatever is asked for and given back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 6_000 }), fc.nat(200_000), asks, (requests, input, list) => {
      const perUs = requests / 60e6;
      const burst = Math.max(1, 250_000 * perUs);
      const worst = worstWindow(play(laneOf({ requests, input }), list), () => 1, perUs);
      assert.ok(worst <= burst + 1e-6, `${worst} at once, burst ${burst}`);
    }),
    { numRuns: 300 },
  );
});

test('no window holds more tokens than its share and one burst, but for a call that alone is larger', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1_000, max: 500_000 }), fc.nat(6_000), asks, (output, requests, list) => {
      const perUs = output / 60e6;
      const kept = list.map((ask) => ({ ...ask, giveBackAfterMs: null }));
      const worst = worstWindow(play(laneOf({ requests, output }), kept), (call) => call.output, perUs);
      const largest = Math.max(0, ...list.map((ask) => ask.output));
      assert.ok(worst <= Math.max(2e6 * perUs, largest) + 1, `${worst} tokens at once`);
    }),
    { numRuns: 300 },
  );
});

test('an oversubscribed lane uses at least 99 % of its rate', () => {
  fc.assert(
    fc.property(fc.integer({ min: 60, max: 60_000 }), fc.integer({ min: 400, max: 3_000 }), (requests, waitMsMax) => {
      const everyMs = Math.max(0, Math.floor(20_000 / requests));
      const list = Array.from({ length: 400 }, () => ({
        afterMs: everyMs,
        input: 0,
        output: 0,
        waitMsMax,
        giveBackAfterMs: null,
      }));
      const sent = play(laneOf({ requests }), list);
      const spanUs = (sent.at(-1)?.atUs ?? 0) - T0;
      assert.ok(sent.length >= 0.99 * spanUs * (requests / 60e6), `${sent.length} in ${spanUs} us`);
    }),
  );
});

test('what is given back while waiting is used by others: a cancelled half loses nothing', () => {
  const half = (n: number): Ask => ({
    afterMs: n % 2,
    input: 0,
    output: 0,
    waitMsMax: 2_000,
    giveBackAfterMs: n % 2 === 0 ? 20 : null,
  });
  const sent = play(
    laneOf({ requests: 6_000 }),
    Array.from({ length: 4_000 }, (_, n) => half(n)),
  );
  const spanUs = (sent.at(-1)?.atUs ?? 0) - T0;
  assert.ok(sent.length >= 0.97 * spanUs * (6_000 / 60e6), `${sent.length} in ${spanUs} us`);
});
