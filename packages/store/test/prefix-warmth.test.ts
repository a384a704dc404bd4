import type { TestContext } from 'node:test';
import { type OpenPrefixWarmth, prefixWarmthSuite } from '@crosscheck/limiter/testing';
import { openDatabase } from '../../../test/support/postgres.ts';
import { openPool } from '../src/pool.ts';
import { makePgPrefixWarmth } from '../src/prefix-warmth.ts';

type Opened = { database: Promise<{ url: string }>; ends: (() => Promise<void>)[] };
const opened = new WeakMap<TestContext, Opened>();

/** One database a test; its pools end before it goes. */
function openedFor(t: TestContext): Opened {
  const known = opened.get(t);
  if (known) return known;
  const ends: (() => Promise<void>)[] = [];
  t.after(() => Promise.all(ends.map((end) => end())));
  const fresh = { database: openDatabase(t), ends };
  opened.set(t, fresh);
  return fresh;
}

const open: OpenPrefixWarmth = async (t) => {
  const { database, ends } = openedFor(t);
  const pool = openPool({ url: (await database).url, name: 'prefix warmth test', max: 8 });
  ends.push(() => pool.end());
  return makePgPrefixWarmth({ pool });
};

prefixWarmthSuite('Postgres', open);
