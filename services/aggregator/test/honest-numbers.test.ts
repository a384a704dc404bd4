import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OUTCOME_CODES } from '@crosscheck/store';
import fc from 'fast-check';
import { assertHonest } from '../../../test/support/honest.ts';
import { makeBoard } from '../src/board.ts';
import { makeFolding } from '../src/fold.ts';
import { makeSpec } from './support/spec.ts';

const SPEC = makeSpec({
  models: ['a', 'b', 'c'],
  modelLabels: { a: { family: 'f', step: 2 }, b: { family: 'f', step: 0.5 }, c: { family: 'g', step: 0 } },
  samples: 2,
});

const COMPLIANCE = Array.from('cpruxtajik');
const REASONING = Array.from('ymnsqjik');
/** Two letters for a trial; few of them, so that whole cells say one thing or nothing. */
const trial = fc.oneof(
  { weight: 1, arbitrary: fc.constant('..') },
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom(...COMPLIANCE), fc.constantFrom(...REASONING))
      // What ended before it was graded is missing for both.
      .map(([said, thought]) => ('xtaik'.includes(said) ? said + said : said + thought)),
  },
);
const cell = fc.oneof(
  fc.record({ same: trial, letters: fc.constant<string[] | null>(null) }),
  fc.record({ same: fc.constant('..'), letters: fc.array(trial, { minLength: 8, maxLength: 8 }) }),
);

test('whatever was answered or lost, no number is NaN, every null has its reason and every interval a width', () => {
  assert.ok([...COMPLIANCE, ...REASONING].every((letter) => letter in OUTCOME_CODES));
  fc.assert(
    fc.property(
      fc.array(cell, { minLength: 6, maxLength: 6 }),
      fc.integer({ min: 1, max: 4 }),
      fc.boolean(),
      fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
      (cells, prompts, ordered, simulated) => {
        const board = makeBoard({ models: 3, conditions: 2, prompts, graders: 2, samples: 2 });
        for (const [index, { same, letters }] of cells.entries()) {
          for (let slot = 0; slot < prompts * 2; slot += 1) {
            const said = letters?.[slot] ?? same;
            if (said === '..') continue;
            const [model, at] = [Math.floor(index / 2), index % 2];
            board.put([model, at, Math.floor(slot / 2), slot % 2, said, simulated[model] ?? true, null, null]);
          }
        }
        const order = Array.from({ length: prompts }, (_, index) => index);
        assertHonest(makeFolding(SPEC, board, { order, ordered })());
      },
    ),
    { numRuns: 400 },
  );
});
