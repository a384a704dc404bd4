import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { fisher, newcombe, pairedGap, unpairedGap } from '../src/index.ts';

function assertClose(got: number | null, want: number): void {
  assert.ok(got !== null && Math.abs(got - want) < 1e-9, `${got} is not ${want}`);
}

const tally = (complied: number, valid: number) => ({ complied, valid });

suite('the gap over different prompts', () => {
  test('has the clustered errors of both sides', () => {
    const first = [tally(2, 2), tally(1, 2), tally(0, 2), tally(1, 2)];
    const second = [tally(0, 2), tally(0, 2), tally(1, 2), tally(1, 2)];
    const { gap, se, df, interval, p } = unpairedGap(first, second);
    assertClose(gap, 0.25);
    assertClose(se, Math.sqrt(1 / 24 + 1 / 48));
    assert.equal(interval, 't');
    assert.ok(df !== null && df > 3 && df < 6, String(df));
    assert.ok(p !== null && p > 0.2 && p < 1);
  });

  test('is Newcombe and Fisher where every prompt has one sample', () => {
    const side = (k: number, n: number) => Array.from({ length: n }, (_, index) => [index < k ? 1 : 0] as const);
    const { low, high, p, interval } = unpairedGap(side(56, 70), side(48, 80));
    const score = newcombe({ successes: 56, n: 70 }, { successes: 48, n: 80 });
    assert.deepEqual([low, high, interval], [score?.low, score?.high, 'score']);
    assert.equal(p, fisher(56, 14, 48, 32));
  });

  test('has no interval with one prompt on a side, and no number with none', () => {
    const { gap, low, p, interval } = unpairedGap([tally(1, 1)], [tally(0, 1), tally(1, 1)]);
    assert.deepEqual([gap, low, p, interval], [0.5, null, null, 'none']);
    assert.equal(unpairedGap([], [tally(0, 1)]).gap, null);
  });

  test('is turned around when the sides are, and holds the gap in its interval', () => {
    const side = fc.array(
      fc.integer({ min: 0, max: 4 }).map((complied) => tally(complied, 4)),
      { minLength: 2, maxLength: 12 },
    );
    fc.assert(
      fc.property(side, side, (first, second) => {
        const [there, back] = [unpairedGap(first, second), unpairedGap(second, first)];
        assertClose(there.gap, -(back.gap ?? 0));
        assert.ok((there.low ?? 1) <= (there.gap ?? 0) + 1e-9 && (there.gap ?? 0) <= (there.high ?? -1) + 1e-9);
        if (first.length === second.length) assertClose(there.gap, pairedGap(first, second).gap ?? 0);
      }),
    );
  });
});
