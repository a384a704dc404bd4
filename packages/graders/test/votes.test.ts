import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { curtailedVotes } from '@crosscheck/stats';
import fc from 'fast-check';
import { type Ballot, REDRAWS_MAX, takeVotes, voteRule } from '../src/votes.ts';

const vote = (yes: boolean): Ballot<boolean> => ({ valid: true, yes, vote: yes });
const INVALID: Ballot<boolean> = { valid: false, reason: 'not JSON' };

/** Casts a list of ballots in order and keeps the sizes of the waves. */
function casting(ballots: readonly Ballot<boolean>[]): {
  cast: (draw: number) => Promise<Ballot<boolean>>;
  draws: number[];
} {
  const draws: number[] = [];
  return {
    draws,
    cast: (draw) => {
      draws.push(draw);
      return Promise.resolve(ballots[draw] ?? INVALID);
    },
  };
}

suite('voteRule', () => {
  test('a threshold of 0.4 of 20 needs 8, and binary fractions add nothing', () => {
    assert.deepEqual(voteRule(20, 0.4), { need: 8, of: 20 });
    assert.deepEqual(voteRule(25, 0.28), { need: 7, of: 25 });
    assert.deepEqual(voteRule(1, 0.5), { need: 1, of: 1 });
    assert.deepEqual(voteRule(4, 0.5), { need: 2, of: 4 });
  });

  test('the needed count is the least whose share reaches the threshold', () => {
    const cents = fc.integer({ min: 1, max: 100 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), cents, (of, percent) => {
        const { need } = voteRule(of, percent / 100);
        assert.ok(need * 100 >= percent * of && (need === 1 || (need - 1) * 100 < percent * of));
      }),
    );
  });
});

suite('takeVotes', () => {
  test('with 8 of 20 needed stops after 8 yes or 13 no', async () => {
    const rule = voteRule(20, 0.4);
    const yes = casting(Array.from({ length: 20 }, () => vote(true)));
    assert.deepEqual((await takeVotes(rule, yes.cast)).label, true);
    assert.equal(yes.draws.length, 8);
    const no = casting(Array.from({ length: 20 }, () => vote(false)));
    const tally = await takeVotes(rule, no.cast);
    assert.deepEqual([tally.label, tally.no, tally.curtailed], [false, 13, true]);
  });

  test('has the label of all votes and casts none that sequential asking would not have cast', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 100 }),
        async (all, percent) => {
          const rule = voteRule(all.length, percent / 100);
          const { cast, draws } = casting(all.map(vote));
          const tally = await takeVotes(rule, cast);
          assert.equal(tally.label, all.filter(Boolean).length >= rule.need);
          assert.equal(
            draws.length,
            curtailedVotes(
              all.map((yes) => (yes ? 1 : 0)),
              rule,
            ).used,
          );
          assert.equal(tally.curtailed, draws.length < all.length);
        },
      ),
    );
  });

  test('an unreadable vote counts for neither side and is drawn again under a new number', async () => {
    const { cast, draws } = casting([INVALID, vote(true), INVALID, vote(true)]);
    const tally = await takeVotes({ need: 2, of: 3 }, cast);
    assert.deepEqual([tally.label, tally.yes, tally.no, tally.redraws], [true, 2, 0, 2]);
    assert.deepEqual(draws, [0, 1, 2, 3]);
  });

  test('gives up after ten redraws, without a label', async () => {
    const { cast, draws } = casting([]);
    const tally = await takeVotes({ need: 1, of: 1 }, cast);
    assert.deepEqual([tally.label, tally.lastFault], [null, 'not JSON']);
    assert.equal(draws.length, REDRAWS_MAX + 1);
  });

  test('the tenth redraw may still save it', async () => {
    const { cast } = casting([...Array.from({ length: 10 }, () => INVALID), vote(false)]);
    assert.equal((await takeVotes({ need: 1, of: 1 }, cast)).label, false);
  });

  test('a failed call surfaces only when its whole wave has settled', async () => {
    let settled = 0;
    const slow = Promise.withResolvers<void>();
    const cast = async (draw: number): Promise<Ballot<boolean>> => {
      if (draw === 0) throw new Error('gone');
      await slow.promise;
      settled += 1;
      return vote(true);
    };
    const taking = takeVotes({ need: 3, of: 5 }, cast);
    slow.resolve();
    await assert.rejects(taking, /gone/);
    assert.equal(settled, 2);
  });
});
