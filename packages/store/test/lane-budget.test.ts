import type { TestContext } from 'node:test';
import { laneBudgetSuite, type OpenLaneBudget } from '@crosscheck/limiter/testing';
import { openDatabase } from '../../../test/support/postgres.ts';
import { makePgLaneBudget } from '../src/lane-budget.ts';
import { openPool } from '../src/pool.ts';

type Opened = { database: Promise<{ url: string }>; close: (() => Promise<void>)[] };
const opened = new WeakMap<TestContext, Opened>();

/** One database a test. What a test opens ends in the order of asking for it: first the pools, then their database. */
function openedFor(t: TestContext): Opened {
  const known = opened.get(t);
  if (known) return known;
  const close: (() => Promise<void>)[] = [];
  t.after(() => Promise.all(close.map((end) => end())));
  const fresh = { database: openDatabase(t), close };
  opened.set(t, fresh);
  return fresh;
}

/** Budgets of one test have a pool each, as processes do. */
const open: OpenLaneBudget = async (t, options = {}) => {
  const { database, close } = openedFor(t);
  const pool = openPool({ url: (await database).url, name: 'lane budget test', max: 8 });
  const budget = makePgLaneBudget({ pool, ...options });
  close.push(async () => {
    await budget.flush();
    await pool.end();
  });
  return budget;
};

laneBudgetSuite('Postgres', open);
