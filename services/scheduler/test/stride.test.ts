import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { type Claimant, makeStride } from '../src/stride.ts';

const claimant = (teamId: string, changes: Partial<Claimant> = {}): Claimant => ({
  sweepId: `${teamId}-sweep`,
  teamId,
  weight: 1,
  priority: 5,
  ...changes,
});

function total(shares: { sweepId: string; trials: number }[], sweepId: string): number {
  return shares.filter((share) => share.sweepId === sweepId).reduce((sum, { trials }) => sum + trials, 0);
}

suite('the stride of a lane', () => {
  test('every place is given while somebody wants one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ weight: fc.integer({ min: 1, max: 9 }), priority: fc.integer({ min: 0, max: 9 }) }), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.nat(500),
        (sweeps, places) => {
          const claimants = sweeps.map((sweep, index) =>
            claimant(`t${index % 3}`, { ...sweep, sweepId: `s${index}`, weight: 1 + (index % 3) }),
          );
          const shares = makeStride({ creditTrials: 0 }).divide(claimants, places);
          assert.equal(
            shares.reduce((sum, { trials }) => sum + trials, 0),
            places,
          );
        },
      ),
    );
  });

  test('teams with weights 1 and 3 share 1 to 3, however the rounds are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 20, maxLength: 60 }), (rounds) => {
        const stride = makeStride({ creditTrials: 100 });
        const teams = [claimant('a'), claimant('b', { weight: 3 })];
        const shares = rounds.flatMap((places) => stride.divide(teams, places));
        const all = rounds.reduce((sum, places) => sum + places, 0);
        assert.ok(Math.abs(total(shares, 'a-sweep') - all / 4) <= 1);
      }),
    );
  });

  test('a team that arrives behind a large one gets its credit first and shares evenly afterwards', () => {
    const stride = makeStride({ creditTrials: 50 });
    stride.divide([claimant('large')], 10_000);
    const first = stride.divide([claimant('large'), claimant('small')], 50);
    assert.equal(total(first, 'small-sweep'), 50);
    const then = stride.divide([claimant('large'), claimant('small')], 100);
    assert.ok(Math.abs(total(then, 'small-sweep') - 50) <= 1);
  });

  test('a team that stays away banks no more than its credit', () => {
    const stride = makeStride({ creditTrials: 50 });
    stride.divide([claimant('large'), claimant('small')], 10);
    stride.divide([claimant('large')], 100_000);
    const shares = stride.divide([claimant('large'), claimant('small')], 1_000);
    assert.ok(total(shares, 'small-sweep') <= 550);
  });

  test('work that was done while the lane was one’s own is not held against a team', () => {
    const stride = makeStride({ creditTrials: 50 });
    stride.divide([claimant('small')], 100);
    stride.divide([claimant('large')], 200);
    const shares = stride.divide([claimant('large'), claimant('small')], 50);
    assert.equal(total(shares, 'small-sweep'), 50);
  });

  test('a team that comes and goes every round gets no more than its share', () => {
    const stride = makeStride({ creditTrials: 50 });
    let small = 0;
    for (let round = 0; round < 100; round += 1) {
      small += total(stride.divide([claimant('large'), claimant('small')], 10), 'small-sweep');
      stride.divide([claimant('large')], 10);
    }
    assert.ok(small <= 1_000 + 50);
  });

  test('inside a team the higher priority goes first, and equals take turns', () => {
    const stride = makeStride({ creditTrials: 0 });
    const sweeps = [
      claimant('t', { sweepId: 'low', priority: 1 }),
      claimant('t', { sweepId: 'x' }),
      claimant('t', { sweepId: 'y' }),
    ];
    const shares = stride.divide(sweeps, 10);
    assert.deepEqual([total(shares, 'low'), total(shares, 'x'), total(shares, 'y')], [0, 5, 5]);
  });

  test('places that a sweep could not fill are not held against its team', () => {
    const stride = makeStride({ creditTrials: 0 });
    const [a, b] = [claimant('a'), claimant('b')];
    stride.divide([a, b], 100);
    stride.refund(a, 50);
    assert.equal(total(stride.divide([a, b], 50), 'a-sweep'), 50);
  });
});
