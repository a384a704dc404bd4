import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Lane, LaneBudget, LaneLimits, Settlement } from '@crosscheck/contracts';
import { makeLaneGate } from '../src/lane-gate.ts';
import { makeModelLaneBudget } from '../testing/model-lane-budget.ts';

const CALL = { inputTokens: 1, outputTokens: 1 };
const DONE: Settlement = { used: CALL, sent: true, feedback: { kind: 'ok' } };
const laneOf = (limits: Partial<LaneLimits>): Lane => ({
  id: 'mock/pool',
  limits: {
    requestsPerMinute: null,
    inputTokensPerMinute: null,
    outputTokensPerMinute: null,
    maxInFlight: null,
    ...limits,
  },
});
const never = new AbortController().signal;

/** Counts what reaches the budget. */
function counting(budget: LaneBudget) {
  const asked = { reserve: 0, read: 0 };
  const counted: LaneBudget = {
    ...budget,
    reserve: (...args) => ((asked.reserve += 1), budget.reserve(...args)),
    read: (lane) => ((asked.read += 1), budget.read(lane)),
  };
  return { asked, counted };
}

test('a free lane is entered at once', async () => {
  const gate = makeLaneGate({ budget: makeModelLaneBudget() });
  const entry = await gate.enter(laneOf({ requestsPerMinute: 600 }), () => CALL, never);
  assert.equal(entry.kind, 'entered');
});

test('a call sleeps until its place has come', async () => {
  const gate = makeLaneGate({ budget: makeModelLaneBudget() });
  const lane = laneOf({ requestsPerMinute: 600 });
  const startedMs = performance.now();
  for (let n = 0; n < 5; n += 1) assert.equal((await gate.enter(lane, () => CALL, never)).kind, 'entered');
  const tookMs = performance.now() - startedMs;
  assert.ok(tookMs >= 250, `two at once, then three a tenth of a second apart: ${tookMs} ms`);
});

test('a wait that is longer than a slot may sleep is answered with later, and takes nothing', async () => {
  const budget = makeModelLaneBudget();
  const gate = makeLaneGate({ budget, maxSleepMs: 50 });
  const lane = laneOf({ requestsPerMinute: 60 });
  const startedMs = performance.now();
  assert.equal((await gate.enter(lane, () => CALL, never)).kind, 'entered');
  const later = await gate.enter(lane, () => CALL, never);
  const tookMs = performance.now() - startedMs;
  assert.ok(later.kind === 'later' && later.binds === 'requests', JSON.stringify(later));
  assert.ok(tookMs + later.retryInMs > 900, JSON.stringify(later));
  assert.equal((await budget.read(lane)).inFlight, 1);
});

test('a closed lane is later with its reason, and a short hold is waited for', async () => {
  const budget = makeModelLaneBudget();
  const gate = makeLaneGate({ budget, maxSleepMs: 500 });
  await budget.hold('mock/pool', 60_000, 'paused by ops');
  const later = await gate.enter(laneOf({}), () => CALL, never);
  assert.ok(later.kind === 'later' && later.binds === 'hold' && later.reason === 'paused by ops');
  await budget.release('mock/pool');
  await budget.hold('mock/pool', 60, 'a moment');
  assert.equal((await gate.enter(laneOf({}), () => CALL, never)).kind, 'entered');
});

test('an aborted sleeper gives its place back', async () => {
  const budget = makeModelLaneBudget();
  const gate = makeLaneGate({ budget });
  const lane = laneOf({ requestsPerMinute: 60, maxInFlight: 5 });
  assert.equal((await gate.enter(lane, () => CALL, never)).kind, 'entered');
  const stop = new AbortController();
  const sleeping = gate.enter(lane, () => CALL, stop.signal);
  stop.abort();
  assert.deepEqual(await sleeping, { kind: 'aborted' });
  await budget.flush();
  assert.equal((await budget.read(lane)).inFlight, 1);
});

test('a call that is aborted before it comes asks nobody', async () => {
  const { asked, counted } = counting(makeModelLaneBudget());
  const entry = await makeLaneGate({ budget: counted }).enter(laneOf({}), () => CALL, AbortSignal.abort());
  assert.deepEqual([entry.kind, asked.reserve], ['aborted', 0]);
});

test('somebody in the line can leave it, and the line goes on', async () => {
  const gate = makeLaneGate({ budget: makeModelLaneBudget() });
  const lane = laneOf({ maxInFlight: 1 });
  const first = await gate.enter(lane, () => CALL, never);
  assert.equal(first.kind, 'entered');
  const stop = new AbortController();
  const [head, second, third] = [
    gate.enter(lane, () => CALL, never),
    gate.enter(lane, () => CALL, stop.signal),
    gate.enter(lane, () => CALL, never),
  ];
  stop.abort();
  assert.equal((await second).kind, 'aborted');
  if (first.kind === 'entered') await gate.leave(lane, first.reservation, DONE);
  const next = await head;
  assert.equal(next.kind, 'entered');
  if (next.kind === 'entered') await gate.leave(lane, next.reservation, DONE);
  assert.equal((await third).kind, 'entered');
});

test('who leaves hands the place over at once, without anybody polling', async () => {
  const { asked, counted } = counting(makeModelLaneBudget());
  const gate = makeLaneGate({ budget: counted });
  const lane = laneOf({ maxInFlight: 4 });
  await Promise.all(
    Array.from({ length: 40 }, async () => {
      const entry = await gate.enter(lane, () => CALL, never);
      assert.equal(entry.kind, 'entered');
      await new Promise(setImmediate);
      if (entry.kind === 'entered') await gate.leave(lane, entry.reservation, DONE);
    }),
  );
  assert.ok(asked.reserve <= 90, `${asked.reserve} reservations for 40 calls`);
});

test('a lane that is closed while calls sleep lets none of them start', async () => {
  const budget = makeModelLaneBudget();
  const gate = makeLaneGate({ budget, maxSleepMs: 1_000 });
  const lane = laneOf({ requestsPerMinute: 300 });
  assert.equal((await gate.enter(lane, () => CALL, never)).kind, 'entered');
  const sleeping = [gate.enter(lane, () => CALL, never), gate.enter(lane, () => CALL, never)];
  await new Promise(setImmediate);
  await budget.hold(lane.id, 60_000, 'closed by another process');
  const kinds = (await Promise.all(sleeping)).map((entry) => entry.kind);
  assert.deepEqual(kinds, ['later', 'later']);
  await budget.flush();
  assert.equal((await budget.read(lane)).inFlight, 1);
});

test('sleepers that wake together ask once whether the lane is still open', async () => {
  const { asked, counted } = counting(makeModelLaneBudget());
  const gate = makeLaneGate({ budget: counted });
  const lane = laneOf({ requestsPerMinute: 1_200 });
  await Promise.all(Array.from({ length: 12 }, () => gate.enter(lane, () => CALL, never)));
  assert.equal(asked.reserve, 12);
  assert.ok(asked.read <= 6, `${asked.read} looks for twelve calls`);
});

test('patience ends: a lane whose places never come back is later', async () => {
  const gate = makeLaneGate({ budget: makeModelLaneBudget(), patienceMs: 60 });
  const lane = laneOf({ maxInFlight: 1 });
  assert.equal((await gate.enter(lane, () => CALL, never)).kind, 'entered');
  const later = await gate.enter(lane, () => CALL, never);
  assert.ok(later.kind === 'later' && later.binds === 'inFlight');
});

test('a backend that fails is the caller’s to know, and blocks nobody else', async () => {
  const budget = makeModelLaneBudget();
  let broken = true;
  const reserve: LaneBudget['reserve'] = (...args) =>
    broken ? Promise.reject(new Error('the backend is away')) : budget.reserve(...args);
  const gate = makeLaneGate({ budget: { ...budget, reserve } });
  await assert.rejects(
    gate.enter(laneOf({}), () => CALL, never),
    /the backend is away/,
  );
  broken = false;
  assert.equal((await gate.enter(laneOf({}), () => CALL, never)).kind, 'entered');
});

test('a call that stood in line is estimated by what was learned meanwhile', async () => {
  const gate = makeLaneGate({ budget: makeModelLaneBudget() });
  const lane = laneOf({ maxInFlight: 1 });
  let expected = 400;
  const estimate = () => ({ inputTokens: 1, outputTokens: expected });
  const first = await gate.enter(lane, estimate, never);
  assert.ok(first.kind === 'entered');
  const second = gate.enter(lane, estimate, never);
  assert.equal(gate.waiting('mock/pool'), 1);
  expected = 250;
  await gate.leave(lane, first.reservation, DONE);
  const entered = await second;
  assert.ok(entered.kind === 'entered');
  assert.equal(entered.reservation.estimate.outputTokens, 250);
  assert.equal(gate.waiting('mock/pool'), 0);
});
