import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Lane, type LaneBackend, makeLaneBudgetClient, type Settlement } from '@crosscheck/contracts';
import { makeModelBackend } from '../testing/model-lane-budget.ts';

const CALL = { inputTokens: 10, outputTokens: 10 };
const DONE: Settlement = { used: CALL, sent: true, feedback: { kind: 'ok' } };
const lane: Lane = {
  id: 'mock/pool',
  limits: { requestsPerMinute: null, inputTokensPerMinute: null, outputTokensPerMinute: null, maxInFlight: 3 },
};

/** A backend that counts its round trips and can be away. */
function watched() {
  const backend = makeModelBackend();
  const seen = { trips: 0, settled: 0, away: false };
  const spend: LaneBackend['spend'] = async (...args) => {
    if (seen.away) throw new Error('the backend is away');
    seen.trips += 1;
    seen.settled += args[1].length;
    return backend.spend(...args);
  };
  return { seen, budget: makeLaneBudgetClient({ ...backend, spend }) };
}

async function take(budget: ReturnType<typeof watched>['budget']) {
  const answer = await budget.reserve(lane, CALL, 0);
  assert.ok(answer.granted);
  return answer.reservation;
}

test('a call costs one round trip: its settlement rides along with the next reservation', async () => {
  const { seen, budget } = watched();
  for (let n = 0; n < 10; n += 1) await budget.settle(lane, await take(budget), DONE);
  assert.deepEqual([seen.trips, seen.settled], [10, 9]);
  await budget.flush();
  assert.deepEqual([seen.trips, seen.settled], [11, 10]);
});

test('a settlement that nothing follows goes by itself within 20 ms', async () => {
  const { seen, budget } = watched();
  await budget.settle(lane, await take(budget), DONE);
  const deadline = performance.now() + 1_000;
  while (seen.settled === 0 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.equal(seen.settled, 1);
  assert.equal((await budget.read(lane)).inFlight, 0);
});

test('a 429 does not wait: the lane is closed when settling resolves', async () => {
  const { budget } = watched();
  await budget.settle(lane, await take(budget), {
    used: null,
    sent: true,
    feedback: { kind: 'limited', retryAfterMs: null },
  });
  assert.match((await budget.read(lane)).hold?.reason ?? '', /429/);
});

test('settlements outlive a backend that is away', async () => {
  const { seen, budget } = watched();
  const calls = [await take(budget), await take(budget), await take(budget)];
  seen.away = true;
  for (const call of calls) await budget.settle(lane, call, DONE);
  await assert.rejects(budget.flush(), /away/);
  await assert.rejects(budget.reserve(lane, CALL, 0), /away/);
  seen.away = false;
  await take(budget);
  assert.equal(seen.settled, 3);
  assert.equal((await budget.read(lane)).inFlight, 1);
});

test('disposing brings what is still waiting', async () => {
  const { seen, budget } = watched();
  await budget.settle(lane, await take(budget), DONE);
  await budget[Symbol.asyncDispose]();
  assert.equal(seen.settled, 1);
});
