import { test, type TestContext } from 'node:test';
import assert from 'node:assert/strict';
import { openRedisLaneBudget } from '../src/redis-lane-budget.ts';
import { laneBudgetSuite, type OpenLaneBudget } from '../testing/lane-budget-suite.ts';
import { openRedis, redisMissing } from '../../../test/support/redis.ts';

type Opened = { server: Promise<{ url: string }>; budgets: AsyncDisposable[] };
const opened = new WeakMap<TestContext, Opened>();

/** One server a test. What a test opens ends in the order of asking for it: first the budgets, then their server. */
function openedFor(t: TestContext): Opened {
  const known = opened.get(t);
  if (known) return known;
  const budgets: AsyncDisposable[] = [];
  t.after(() => Promise.all(budgets.map((budget) => budget[Symbol.asyncDispose]())));
  const fresh = { server: openRedis(t), budgets };
  opened.set(t, fresh);
  return fresh;
}

const open: OpenLaneBudget = async (t, options = {}) => {
  const { server, budgets } = openedFor(t);
  const budget = openRedisLaneBudget({ url: (await server).url, ...options });
  budgets.push(budget);
  return budget;
};

laneBudgetSuite('Redis', open, { skip: redisMissing() });

test('a Redis that lost its data forgets what is in flight, and no limit', { skip: redisMissing() }, async (t) => {
  const server = await openRedis(t);
  await using budget = openRedisLaneBudget({ url: server.url });
  const limits = { requestsPerMinute: 60, inputTokensPerMinute: null, outputTokensPerMinute: null, maxInFlight: 1 };
  const lane = { id: 'mock/pool', limits };
  const estimate = { inputTokens: 1, outputTokens: 1 };
  const before = await budget.reserve(lane, estimate, 0);
  assert.ok(before.granted);
  await server.restart();
  assert.equal((await budget.reserve(lane, estimate, 0)).granted, true);
  await budget.settle(lane, before.reservation, { used: estimate, sent: true, feedback: { kind: 'ok' } });
  const after = await budget.reserve(lane, estimate, 0);
  assert.ok(!after.granted && after.binds === 'inFlight');
});
