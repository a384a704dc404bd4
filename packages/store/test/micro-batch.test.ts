import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { makeMicroBatcher } from '../src/micro-batch.ts';

suite('micro-batches', () => {
  test('every item is written once, in batches no larger than allowed and without two of one key', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(20), { maxLength: 300 }),
        fc.integer({ min: 1, max: 50 }),
        async (keys, itemsMax) => {
          const batches: { key: number; index: number }[][] = [];
          const batcher = makeMicroBatcher<{ key: number; index: number }>({
            write: async (items) => void batches.push(await Promise.resolve(items)),
            keyOf: ({ key }) => String(key),
            itemsMax,
            waitMs: 1,
          });
          const added = keys.map((key, index) => batcher.add({ key, index }));
          await batcher.drain();
          await Promise.all(added);
          assert.deepEqual(
            batches
              .flat()
              .map(({ index }) => index)
              .toSorted((a, b) => a - b),
            keys.map((_, index) => index),
          );
          for (const batch of batches) {
            assert.ok(batch.length <= itemsMax);
            assert.equal(new Set(batch.map(({ key }) => key)).size, batch.length);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  test('items of one key are written in the order they came', async () => {
    const written: number[] = [];
    const batcher = makeMicroBatcher<number>({
      write: async (items) => void written.push(...(await Promise.resolve(items))),
      keyOf: () => 'same',
      itemsMax: 10,
      waitMs: 1,
    });
    await Promise.all([1, 2, 3, 4].map((item) => batcher.add(item)));
    assert.deepEqual(written, [1, 2, 3, 4]);
  });

  test('a refused item rejects alone', async () => {
    const batcher = makeMicroBatcher<number>({
      write: (items) => (items.includes(3) ? Promise.reject(new Error('no threes')) : Promise.resolve()),
      keyOf: String,
      itemsMax: 10,
      waitMs: 1,
    });
    const results = await Promise.allSettled([1, 2, 3, 4].map((item) => batcher.add(item)));
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
    );
  });
});
