import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { Allowance } from '@crosscheck/store';
import { makePurse } from '../src/purse.ts';

const allowance = (changes: Partial<Allowance> = {}): Allowance => ({
  sweepId: 's',
  teamId: 't',
  sweepLeft: 100n,
  teamLeft: null,
  sweepReserved: 0n,
  teamReserved: 0n,
  reserve: 10n,
  stateReason: null,
  ...changes,
});
const purseOf = (...allowances: Allowance[]) => makePurse(new Map(allowances.map((each) => [each.sweepId, each])));

suite('the purse of a round', () => {
  test('a sweep without a cap takes what it wants', () => {
    assert.deepEqual(makePurse(new Map()).afford('s', 7), { trials: 7, exhausted: null });
  });

  test('claims never reserve more than is left, but for one trial when nothing is reserved', () => {
    const amount = fc.bigInt({ min: 0n, max: 1_000n });
    fc.assert(
      fc.property(
        amount,
        amount,
        amount,
        fc.bigInt({ min: 1n, max: 50n }),
        fc.nat(100),
        (sweepLeft, teamLeft, reserved, reserve, wanted) => {
          const purse = purseOf(
            allowance({ sweepLeft, teamLeft, reserve, sweepReserved: reserved, teamReserved: reserved }),
          );
          const { trials } = purse.afford('s', wanted);
          const left = sweepLeft < teamLeft ? sweepLeft : teamLeft;
          assert.ok(trials <= wanted);
          if (trials > 1 || reserved > 0n) assert.ok(trials === 0 || BigInt(trials) * reserve + reserved <= left);
          if (left <= 0n) assert.equal(trials, 0);
        },
      ),
    );
  });

  test('what one lane claims is not there for the next', () => {
    const purse = purseOf(allowance());
    purse.take('s', 8);
    assert.equal(purse.afford('s', 8).trials, 2);
  });

  test('two sweeps of a team share its cap', () => {
    const purse = purseOf(
      allowance({ sweepId: 'a', sweepLeft: null, teamLeft: 50n }),
      allowance({ sweepId: 'b', sweepLeft: null, teamLeft: 50n }),
    );
    purse.take('a', 4);
    assert.equal(purse.afford('b', 9).trials, 1);
  });

  test('a cap is used up only when nothing is under way that could free some of it', () => {
    assert.equal(purseOf(allowance({ sweepLeft: 0n })).afford('s', 1).exhausted, 'budget_exhausted');
    assert.equal(purseOf(allowance({ sweepLeft: 5n, sweepReserved: 10n })).afford('s', 1).exhausted, null);
    assert.deepEqual(purseOf(allowance({ sweepLeft: 5n })).afford('s', 3), { trials: 1, exhausted: null });
    assert.equal(
      purseOf(allowance({ sweepLeft: null, teamLeft: -1n })).afford('s', 1).exhausted,
      'team_budget_exhausted',
    );
  });
});
