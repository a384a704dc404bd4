import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { curtailedExpectation, curtailedVotes, nextWave } from '../src/index.ts';
import type { Vote } from '../src/index.ts';

/** A rule with as many votes as it may take. */
const ballot = fc.integer({ min: 1, max: 25 }).chain((of) => {
  return fc.record({
    rule: fc.record({ need: fc.integer({ min: 0, max: of }), of: fc.constant(of) }),
    votes: fc.array(fc.constantFrom<Vote>(0, 1), { minLength: of, maxLength: of }),
  });
});

/** Votes asked for in waves: how many were asked, in how many waves. */
function voteInWaves(votes: readonly Vote[], rule: { need: number; of: number }): { asked: number; waves: number } {
  let [yes, no, waves] = [0, 0, 0];
  for (let wave = nextWave({ yes, no }, rule); wave > 0; wave = nextWave({ yes, no }, rule)) {
    const answers = votes.slice(yes + no, yes + no + wave);
    yes += answers.filter((vote) => vote === 1).length;
    no += answers.filter((vote) => vote === 0).length;
    waves += 1;
  }
  return { asked: yes + no, waves };
}

suite('curtailedVotes', () => {
  test('the label equals that of all votes, in every order', () => {
    fc.assert(
      fc.property(ballot, ({ votes, rule }) => {
        const yes = votes.filter((vote) => vote === 1).length;
        assert.equal(curtailedVotes(votes, rule).label, yes >= rule.need);
        assert.equal(curtailedVotes(votes.toReversed(), rule).label, yes >= rule.need);
      }),
    );
  });

  test('it stops at the first vote that decides', () => {
    fc.assert(
      fc.property(ballot, ({ votes, rule }) => {
        const { used } = curtailedVotes(votes, rule);
        if (used > 0) assert.equal(curtailedVotes(votes.slice(0, used - 1), rule).label, null);
      }),
    );
  });

  test('waves ask for exactly the votes that asking one by one uses', () => {
    fc.assert(
      fc.property(ballot, ({ votes, rule }) =>
        assert.equal(voteInWaves(votes, rule).asked, curtailedVotes(votes, rule).used),
      ),
    );
  });

  test('a rule that nobody can meet and a vote that is none are refused', () => {
    assert.throws(() => curtailedVotes([], { need: 21, of: 20 }), /21 of 20 votes/);
    assert.throws(() => curtailedVotes([2 as Vote], { need: 1, of: 2 }), /a vote is 2/);
  });
});

suite('curtailedExpectation', () => {
  test('equals the average over all vote sequences', () => {
    const rule = { need: 3, of: 8 };
    const p = 0.35;
    const total = { flagProbability: 0, expectedVotes: 0, expectedWaves: 0 };
    for (let bits = 0; bits < 2 ** rule.of; bits += 1) {
      const votes = Array.from({ length: rule.of }, (_, index): Vote => ((bits >> index) & 1 ? 1 : 0));
      const chance = votes.reduce<number>((product, vote) => product * (vote === 1 ? p : 1 - p), 1);
      total.flagProbability += chance * Number(curtailedVotes(votes, rule).label);
      total.expectedVotes += chance * curtailedVotes(votes, rule).used;
      total.expectedWaves += chance * voteInWaves(votes, rule).waves;
    }
    const answer = curtailedExpectation(p, rule);
    for (const key of Object.keys(total) as (keyof typeof total)[]) {
      assert.ok(Math.abs(answer[key] - total[key]) < 1e-12, key);
    }
  });

  test('more yes makes a flag more likely', () => {
    let before = -1;
    for (let p = 0; p <= 1; p += 0.125) {
      const { flagProbability } = curtailedExpectation(p, { need: 8, of: 20 });
      assert.ok(flagProbability >= before && flagProbability <= 1);
      before = flagProbability;
    }
  });
});
