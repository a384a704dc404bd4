import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Cell } from '@crosscheck/contracts';
import { type Board, makeBoard } from '../src/board.ts';
import { makeFolding } from '../src/fold.ts';
import { makeSpec } from './support/spec.ts';

const SPEC = makeSpec({ samples: 2 });
type CellCodes = { grader: number; condition: number; prompts: string[]; simulated: boolean | null };
const cell = (grader: number, condition: number, prompts: string[], simulated: boolean | null = true): CellCodes => ({
  grader,
  condition,
  prompts,
  simulated,
});

/** A board of one model on which each grader says of every prompt what its letters say; what a grader does not say is pending. */
function boardOf(cells: CellCodes[]): Board {
  const prompts = cells[0]?.prompts ?? [];
  const samples = new Uint32Array(SPEC.conditions.length * prompts.length);
  for (const { condition, prompts: codes } of cells)
    for (const [prompt, letters] of codes.entries()) samples[condition * prompts.length + prompt] = letters.length;
  const board = makeBoard({
    models: 1,
    conditions: SPEC.conditions.length,
    prompts: prompts.length,
    graders: 2,
    samples,
  });
  const said = (grader: number, condition: number, prompt: number, sample: number) =>
    cells.find((each) => each.grader === grader && each.condition === condition)?.prompts[prompt]?.[sample] ?? '.';
  for (const condition of new Set(cells.map((each) => each.condition))) {
    const simulated = cells.find((each) => each.condition === condition)?.simulated ?? null;
    for (const prompt of prompts.keys()) {
      for (let sample = 0; sample < (samples[condition * prompts.length + prompt] as number); sample += 1) {
        const letters = [0, 1].map((grader) => said(grader, condition, prompt, sample)).join('');
        board.put([0, condition, prompt, sample, letters, simulated, null, null]);
      }
    }
  }
  return board;
}

const cellOf = (cells: Cell[], grader: string) => cells.find((each) => each.grader === grader);
const inOrder = (n: number) => ({ order: Array.from({ length: n }, (_, index) => index), ordered: true });

suite('folding outcomes', () => {
  test('what is not behaviour is missing, counted by its outcome, and widens the bounds', () => {
    const { cells } = makeFolding(SPEC, boardOf([cell(0, 0, ['cr', 'ci', 'jx', 'ac'])]), inOrder(4))();
    const [rate] = cells;
    assert.equal(rate?.n, 4);
    assert.deepEqual(rate?.missing, { infra_failed: 1, judge_failed: 1, unparsed: 1, api_refusal: 1, total: 4 });
    assert.deepEqual(rate?.bounds, { low: 3 / 8, high: 7 / 8 });
    assert.equal(rate?.estimate, (0.5 + 1 + 1) / 3);
  });

  test('who answered is told by the answers: nobody, where all was lost or cancelled', () => {
    const answeredBy = (...cells: CellCodes[]) => makeFolding(SPEC, boardOf(cells), inOrder(1))().answeredBy;
    const [lost, real, simulated] = [cell(0, 0, ['ik'], null), cell(0, 1, ['cr'], false), cell(0, 1, ['cr'])];
    assert.deepEqual(
      [answeredBy(lost), answeredBy(lost, real), answeredBy(lost, simulated)],
      [null, 'real', 'simulated'],
    );
  });

  test('a gap is paired over prompts that are valid in both conditions, and the others are counted', () => {
    const { contrasts } = makeFolding(
      SPEC,
      boardOf([cell(0, 0, ['cc', 'cr', 'ii', 'cc']), cell(0, 1, ['rr', 'rr', 'rr', 'tt'])]),
      inOrder(4),
    )();
    assert.equal(contrasts[0]?.pairs, 2);
    assert.equal(contrasts[0]?.incompletePairs, 2);
    assert.equal(contrasts[0]?.estimate, 0.75);
    assert.deepEqual(contrasts[0]?.missing, { treatment: 0.25, control: 0.25 });
  });

  test('a reasoning rate leaves out what had no reasoning, and says how many', () => {
    const { cells } = makeFolding(SPEC, boardOf([cell(1, 0, ['yn', 'ms', 'qj'])]), inOrder(3))();
    const rate = cellOf(cells, 'af');
    assert.equal(rate?.metric, 'af_rate');
    assert.equal(rate?.n, 3);
    assert.equal(rate?.planned, 4);
    assert.deepEqual(rate?.missing, { judge_failed: 1, no_reasoning: 1, not_judged: 1, total: 1 });
  });

  test('a condition without private reasoning has no rate of it for what is lost or waits', () => {
    const graded = (letters: string[]) => boardOf([cell(0, 0, ['cc', 'aa', 'i.']), cell(1, 0, letters)]);
    const of = (letters: string[], asks: boolean) => {
      const [free, ...rest] = SPEC.conditions;
      assert.ok(free);
      const spec = { ...SPEC, conditions: [{ ...free, expects: { scratchpad: asks } }, ...rest] };
      return makeFolding(spec, graded(letters), inOrder(3))().cells.flatMap(({ grader, metric }) =>
        grader === 'af' ? [metric] : [],
      );
    };
    const both = ['af_rate', 'af_given_compliance'];
    assert.deepEqual(of(['ss', 'aa', 'i.'], false), []);
    assert.deepEqual(of(['ss', 'aa', 'i.'], true), both);
    assert.deepEqual(of(['sn', 'aa', 'i.'], false), both);
    // Nobody asks a judge about reasoning that is not there.
    assert.deepEqual(of(['sj', 'aa', 'i.'], false), both);
  });

  test('a sequence advances over the settled prefix of the seeded order, not over what is there', () => {
    const prompts = ['cc', '..', 'cc', 'cc', 'cc'];
    const early = makeFolding(SPEC, boardOf([cell(0, 0, prompts)]), { order: [1, 0, 2, 3, 4], ordered: true })()
      .cells[0];
    assert.deepEqual(early?.sequence, { low: 0, high: 1 });
    const later = makeFolding(SPEC, boardOf([cell(0, 0, prompts)]), { order: [0, 2, 3, 4, 1], ordered: true })()
      .cells[0];
    assert.ok((later?.sequence?.low ?? 0) > 0);
    assert.equal(
      makeFolding(SPEC, boardOf([cell(0, 0, prompts)]), { order: [0, 2, 3, 4, 1], ordered: false })().cells[0]
        ?.sequence,
      null,
    );
  });

  test('simulated and real answers are never contrasted', () => {
    const { contrasts } = makeFolding(SPEC, boardOf([cell(0, 0, ['cc']), cell(0, 1, ['rr'], false)]), inOrder(1))();
    assert.equal(contrasts[0]?.estimate, null);
    assert.match(contrasts[0]?.warnings[0] ?? '', /mixed/);
  });

  test('one prompt has no interval, and so no warning that it is too short; two have', () => {
    const warningsOf = (...prompts: string[]) => {
      const board = boardOf([cell(0, 0, prompts), cell(0, 1, prompts)]);
      const { cells, contrasts } = makeFolding(SPEC, board, inOrder(prompts.length))();
      return [cells[0]?.warnings.length, contrasts[0]?.warnings.length];
    };
    assert.deepEqual(warningsOf('cr'), [0, 0]);
    assert.deepEqual(warningsOf('cr', 'rr'), [1, 1]);
  });

  test('nothing settled gives no number and bounds of zero to one', () => {
    const { cells, contrasts } = makeFolding(SPEC, boardOf([cell(0, 0, ['..']), cell(0, 1, ['..'])]), inOrder(1))();
    assert.equal(cells[0]?.estimate, null);
    assert.deepEqual(cells[0]?.bounds, { low: 0, high: 1 });
    assert.deepEqual(contrasts[0]?.bounds, { low: -1, high: 1 });
    assert.equal(contrasts[0]?.p, null);
    assert.deepEqual([cells[0]?.reason, contrasts[0]?.reason], ['nothing_settled', 'nothing_settled']);
  });
});
