import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { PrefixWarmth } from '@crosscheck/contracts';
import type { SuiteOptions } from './lane-budget-suite.ts';

/** Opens the warmth of prefixes for one test. What is opened with the same `t` shares one backend, as processes do. */
export type OpenPrefixWarmth = (t: TestContext) => Promise<PrefixWarmth>;

/** What every warmth of prefixes does, in Redis and in Postgres. */
export function prefixWarmthSuite(where: string, open: OpenPrefixWarmth, { skip = false }: SuiteOptions = {}): void {
  suite(`warmth of prefixes in ${where}`, { skip }, () => {
    test('of forty that ask at once in two processes, one is the first', async (t) => {
      const processes = [await open(t), await open(t)];
      const asked = await Promise.all(
        Array.from({ length: 40 }, (_, n) => (processes[n % 2] as PrefixWarmth).claim('p', 10_000)),
      );
      assert.equal(asked.filter((answer) => answer === 'first').length, 1);
      assert.equal(asked.filter((answer) => answer === 'claimed').length, 39);
    });

    test('what is warm is warm for everybody, and other prefixes are cold', async (t) => {
      const [one, other] = [await open(t), await open(t)];
      await one.claim('p', 10_000);
      await one.warm('p', 10_000);
      assert.equal(await other.claim('p', 10_000), 'warm');
      assert.equal(await other.claim('q', 10_000), 'first');
    });

    test('a claim that is given back, and one whose time is over, let another be the first', async (t) => {
      const warmth = await open(t);
      await warmth.claim('p', 10_000);
      await warmth.release('p');
      assert.equal(await warmth.claim('p', 20), 'first');
      await delay(40);
      assert.equal(await warmth.claim('p', 10_000), 'first');
    });

    test('warmth ends, and can be made longer before it does', async (t) => {
      const warmth = await open(t);
      await warmth.warm('p', 20);
      await warmth.warm('q', 20);
      await warmth.warm('q', 10_000);
      await delay(40);
      assert.equal(await warmth.claim('p', 10_000), 'first');
      assert.equal(await warmth.claim('q', 10_000), 'warm');
    });
  });
}
