import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { makeStreaks } from '../src/streaks.ts';

suite('streaks', () => {
  test('count the same thing in a row, each key by itself', () => {
    const streaks = makeStreaks();
    const seen = [
      ['a', 'x'],
      ['a', 'x'],
      ['b', 'x'],
      ['a', 'y'],
      ['a', 'x'],
    ] as const;
    assert.deepEqual(
      seen.map(([key, value]) => streaks.see(key, value)),
      [1, 2, 1, 1, 1],
    );
  });

  test('begin at one again after their end', () => {
    const streaks = makeStreaks();
    streaks.see('a', 'x');
    streaks.end('a');
    assert.equal(streaks.see('a', 'x'), 1);
  });
});
