import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { makeSharedReads } from '../src/http/shared-reads.ts';

suite('readings that are shared for a while', () => {
  function open() {
    let [nowMs, reads] = [0, 0];
    const share = makeSharedReads<number>({ clock: { nowMs: () => nowMs }, ttlMs: 1_000 });
    const ask = (key = 'a') => share(key, async () => (reads += 1));
    return { share, ask, pass: (ms: number) => (nowMs += ms) };
  }

  test('one answers all that ask until it is too old', async () => {
    const { ask, pass } = open();
    assert.deepEqual(await Promise.all([ask(), ask()]), [1, 1]);
    pass(999);
    assert.equal(await ask(), 1);
    pass(1);
    assert.equal(await ask(), 2);
  });

  test('each key has its own, and a young one keeps no old one alive', async () => {
    const { ask, pass } = open();
    assert.equal(await ask('a'), 1);
    pass(600);
    assert.equal(await ask('b'), 2);
    pass(600);
    assert.deepEqual([await ask('b'), await ask('a')], [2, 3]);
  });

  test('one that fails is not kept', async () => {
    const { share, ask } = open();
    await assert.rejects(
      share('a', () => Promise.reject(new Error('gone'))),
      /gone/,
    );
    assert.equal(await ask('a'), 1);
  });
});
