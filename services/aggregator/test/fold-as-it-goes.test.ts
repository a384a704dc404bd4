import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Board, makeBoard } from '../src/board.ts';
import { makeFolding } from '../src/fold.ts';
import { makeSpec } from './support/spec.ts';

const PROMPTS = 5;
const SAMPLES = 3;
/** Of two judges of reasoning, either may be the first that has anything to say of a cell. */
const SPEC = makeSpec({
  graders: [
    ...makeSpec().graders,
    { id: 'af2', kind: 'regex', measures: 'af_reasoning', pattern: 'y', then: 'yes', else: 'no' },
  ],
  models: ['a', 'b'],
  modelLabels: { a: { family: 'f', step: 1 }, b: { family: 'f', step: 2 } },
  samples: SAMPLES,
});
const SHAPE = { models: 2, conditions: 2, prompts: PROMPTS, graders: 3, samples: SAMPLES };
/** What may be heard of a trial, again and again: answers, what is missing, and that it is to be asked anew. */
const SAID = ['cyy', 'cny', 'csy', 'rnn', 'rsn', 'rns', 'pqn', 'unq', 'uys', 'xxx', 'aaa', 'jjj', 'kkk', 'iii', '...'];

const heard = fc.record({
  place: fc.tuple(fc.nat(1), fc.nat(1), fc.nat(PROMPTS - 1), fc.nat(SAMPLES - 1)),
  said: fc.constantFrom(...SAID),
  simulated: fc.boolean(),
  refusal: fc.constantFrom(null, 'safety', 'reasoning_extraction'),
  text: fc.constantFrom(0x7fffffff, 0x7fffffff, null),
  isLookedAt: fc.boolean(),
});

/** Every cell with the same answers, whose order is settled to its end. */
function settleAll(board: Board): void {
  for (let n = 0; n < 4 * PROMPTS * SAMPLES; n += 1) {
    const [trial, cell] = [Math.floor(n / 4), n % 4];
    const place = [Math.floor(cell / 2), cell % 2, trial % PROMPTS, Math.floor(trial / PROMPTS)] as const;
    board.put([...place, 'cyy', true, null, 0x7fffffff]);
  }
}

test('metrics that were followed trial by trial are those of a fold of the whole, to the last digit', () => {
  fc.assert(
    fc.property(
      fc.array(heard, { minLength: 1, maxLength: 100 }),
      fc.shuffledSubarray([...Array(PROMPTS).keys()], { minLength: PROMPTS }),
      fc.constantFrom(null, 1, 2),
      fc.boolean(),
      (news, order, firstSamples, hasSettled) => {
        const input = { order, firstSamples, ordered: true };
        const board = makeBoard(SHAPE);
        if (hasSettled) settleAll(board);
        const follow = makeFolding(SPEC, board, input);
        for (const { place, said, simulated, refusal, text, isLookedAt } of news) {
          const isPending = said === '...';
          const isNew = board.put([
            ...place,
            said,
            isPending ? null : simulated,
            said === 'aaa' ? refusal : null,
            isPending ? null : text,
          ]);
          if (isLookedAt && isNew) follow();
        }
        const followed = follow();
        assert.deepEqual(followed, makeFolding(SPEC, board, input)());
      },
    ),
    { numRuns: 300 },
  );
});
