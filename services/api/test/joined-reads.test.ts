import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { makeJoinedReads } from '../src/http/joined-reads.ts';

/** Readings that end when the test says so; each answers its own number. */
function openReads() {
  const join = makeJoinedReads<number>();
  const started: PromiseWithResolvers<number>[] = [];
  const read = (): Promise<number> => {
    const reading = Promise.withResolvers<number>();
    started.push(reading);
    return reading.promise;
  };
  return { started, ask: (key = 'a') => join(key, read) };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

suite('readings that are joined', () => {
  test('whoever asks while one is under way gets the next one, and many share it', async () => {
    const { started, ask } = openReads();
    const first = ask();
    const later = [ask(), ask(), ask()];
    assert.equal(started.length, 1);
    started[0]?.resolve(0);
    assert.equal(await first, 0);
    await settle();
    assert.equal(started.length, 2);
    const last = ask();
    started[1]?.resolve(1);
    assert.deepEqual(await Promise.all(later), [1, 1, 1]);
    await settle();
    started[2]?.resolve(2);
    assert.equal(await last, 2, 'who came after it began did not get it');
  });

  test('two keys do not wait for each other, and nothing is kept afterwards', async () => {
    const { started, ask } = openReads();
    const both = [ask('a'), ask('b')];
    assert.equal(started.length, 2);
    for (const [index, reading] of started.entries()) reading.resolve(index);
    assert.deepEqual(await Promise.all(both), [0, 1]);
    await settle();
    const again = ask('a');
    assert.equal(started.length, 3, 'a new reading begins at once');
    started[2]?.resolve(2);
    await again;
  });

  test('a reading that fails does so for those who share it, and not for the next', async () => {
    const { started, ask } = openReads();
    const first = ask();
    const next = ask();
    started[0]?.reject(new Error('gone'));
    await assert.rejects(first, /gone/);
    await settle();
    started[1]?.resolve(1);
    assert.equal(await next, 1);
  });
});
