import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PrefixWarmth, Usage } from '@crosscheck/contracts';
import { makePrefixGate, type Passage } from '../src/prefix-gate.ts';

const PREFIX = { key: 'p', laneId: 'mock/m' };
const never = new AbortController().signal;
const usage = (part: Partial<Usage>): Usage => ({
  uncached: 100,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  cacheRead: 0,
  output: 10,
  thinking: 0,
  ...part,
});
const WROTE = usage({ cacheWrite5m: 2_000 });
const READ = usage({ cacheRead: 2_000 });

/** Warmth in memory, for one process after the other. */
function makeWarmth(): PrefixWarmth & { claims: number } {
  const states = new Map<string, 'claimed' | 'warm'>();
  return {
    claims: 0,
    async claim(key) {
      this.claims += 1;
      const state = states.get(key);
      if (state === undefined) states.set(key, 'claimed');
      return state ?? 'first';
    },
    async warm(key) {
      states.set(key, 'warm');
    },
    async release(key) {
      states.delete(key);
    },
  };
}

/** Whether a call is through by now, without waiting for it. */
async function isThrough(passage: Promise<Passage>): Promise<boolean> {
  const later = new Promise<false>((resolve) => void setTimeout(resolve, 20, false));
  return Promise.race([passage.then(() => true), later]);
}

test('sixty-three calls wait while the first one writes, and read what it wrote', async () => {
  const warmth = makeWarmth();
  const gate = makePrefixGate({ warmth });
  const first = await gate.enter(PREFIX, never);
  const others = Array.from({ length: 63 }, () => gate.enter(PREFIX, never));
  assert.equal(first.isWarm, false);
  assert.equal(await isThrough(Promise.race(others)), false);
  assert.equal(gate.waiting('mock/m'), 63);
  first.sent();
  first.ended(WROTE);
  assert.ok((await Promise.all(others)).every(({ isWarm }) => isWarm === true));
  assert.equal(gate.waiting('mock/m'), 0);
  assert.equal(warmth.claims, 1);
});

test('when the first call fails, the next one is the first', async () => {
  const gate = makePrefixGate({ warmth: makeWarmth() });
  const first = await gate.enter(PREFIX, never);
  const second = gate.enter(PREFIX, never);
  first.ended(null);
  assert.equal((await second).isWarm, false);
});

test('an answer that takes long lets the others go once it must have begun', async () => {
  const gate = makePrefixGate({ warmth: makeWarmth(), beginsMs: 30 });
  const first = await gate.enter(PREFIX, never);
  const second = gate.enter(PREFIX, never);
  first.sent();
  assert.equal((await second).isWarm, true);
});

test('nobody waits for longer than the patience: then the call goes and its prefix is unknown', async () => {
  const gate = makePrefixGate({ warmth: makeWarmth(), waitMaxMs: 30 });
  await gate.enter(PREFIX, never);
  assert.equal((await gate.enter(PREFIX, never)).isWarm, null);
});

test('another process waits for the first one of this, and then reads', async () => {
  const warmth = makeWarmth();
  const [one, other] = [makePrefixGate({ warmth }), makePrefixGate({ warmth })];
  const first = await one.enter(PREFIX, never);
  const second = other.enter(PREFIX, never);
  assert.equal(await isThrough(second), false);
  first.sent();
  first.ended(WROTE);
  assert.equal((await second).isWarm, true);
});

test('a prefix that is left alone for four minutes is written by one call again', async () => {
  let nowMs = 1_000_000;
  const warmth = makeWarmth();
  const gate = makePrefixGate({ warmth, clock: { nowMs: () => nowMs } });
  (await gate.enter(PREFIX, never)).ended(WROTE);
  nowMs += 200_000;
  const reader = await gate.enter(PREFIX, never);
  reader.sent();
  reader.ended(READ);
  nowMs += 200_000;
  assert.equal((await gate.enter(PREFIX, never)).isWarm, true, 'reading keeps it warm');
  nowMs += 241_000;
  await warmth.release('p');
  assert.equal((await gate.enter(PREFIX, never)).isWarm, false);
});

test('a prefix that the model did not cache is never waited for again', async () => {
  const gate = makePrefixGate({ warmth: makeWarmth() });
  (await gate.enter(PREFIX, never)).ended(usage({}));
  assert.equal((await gate.enter(PREFIX, never)).isWarm, null);
  assert.equal((await gate.enter(PREFIX, never)).isWarm, null);
});

test('a backend that is away lets calls through', async () => {
  const away = () => Promise.reject(new Error('away'));
  const gate = makePrefixGate({ warmth: { claim: away, warm: away, release: away } });
  assert.equal((await gate.enter(PREFIX, never)).isWarm, null);
});
