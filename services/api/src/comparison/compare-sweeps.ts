import {
  type ComparedCell,
  type Comparison,
  type ConditionPair,
  counted,
  type EarlyStop,
  isFinished,
} from '@crosscheck/contracts';
import { type PromptTally, pairedGap, promptRate, unpairedGap } from '@crosscheck/stats';
import type { AnsweredCell } from '../answers/answered-cells.ts';
import { matchConditions } from './match-conditions.ts';
import { matchPrompts, type MatchedPrompts } from './match-prompts.ts';
import { isImported, type Side, toComparedSweep } from './side.ts';

const ALPHA = 0.05;
const NO_INTERVAL = { low: null, high: null, level: 1 - ALPHA, method: null };
const UNANSWERED: PromptTally = { complied: 0, valid: 0 };

export type Answered = Side & {
  cells: readonly AnsweredCell[];
  /** cells that a rule ended early */
  stops: readonly Pick<EarlyStop, 'model' | 'condition'>[];
};

/**
 * Holds two sweeps against each other, condition by condition, for every model and grader that both have: a − b. Paired over the prompts
 * that they share; unpaired over all prompts of each where they share fewer than half of the smaller one's.
 */
export function compareSweeps(a: Answered, b: Answered): Comparison {
  const conditions = matchConditions(a, b);
  const prompts = matchPrompts(a, b);
  const cells = conditions.flatMap((pair) => comparePair(a, b, pair, prompts));
  return {
    a: toComparedSweep(a),
    b: toComparedSweep(b),
    prompts: prompts.view,
    conditions,
    unmatched: findUnmatched(a, b, conditions),
    cells,
    warnings: toWarnings(a, b, { conditions, prompts, cells }),
  };
}

function comparePair(a: Answered, b: Answered, pair: ConditionPair, prompts: MatchedPrompts): ComparedCell[] {
  const design = isPairable(a, b, prompts) ? 'paired' : 'unpaired';
  return a.cells
    .filter(({ condition }) => condition === pair.a)
    .flatMap((one) => {
      const other = b.cells.find(
        ({ condition, model, grader, measure }) =>
          condition === pair.b && model === one.model && grader === one.grader && measure === one.measure,
      );
      if (other === undefined) return [];
      const sameGrader = a.versions.get(one.grader) === b.versions.get(one.grader);
      const name = { model: one.model, a: pair.a, b: pair.b, grader: one.grader, sameGrader };
      const rates = { rateA: toRate(one), rateB: toRate(other) };
      return [{ ...name, ...rates, design, ...toGap(a, b, { one, other }, design, prompts) }];
    });
}

const isPairable = (a: Side, b: Side, { shared }: MatchedPrompts): boolean =>
  shared.length > 0 && shared.length * 2 >= Math.min(a.prompts.length, b.prompts.length);

function toRate({ tallies, simulated }: AnsweredCell): ComparedCell['rateA'] {
  const { rate, samples, clusters } = promptRate(tallies, ALPHA);
  return { estimate: rate, n: samples, prompts: clusters, simulated };
}

type Gap = Pick<ComparedCell, 'n' | 'estimate' | 'se' | 'ci' | 'p' | 'refused'>;

function toGap(
  a: Side,
  b: Side,
  { one, other }: { one: AnsweredCell; other: AnsweredCell },
  design: ComparedCell['design'],
  { shared }: MatchedPrompts,
): Gap {
  const isMixed = new Set([...kindsOf(a, one), ...kindsOf(b, other)]).size > 1;
  if (isMixed) return refuse('simulated and real answers are not compared');
  if (design === 'paired') {
    const gap = pairedGap(
      shared.map(([ordinal]) => one.tallies[ordinal] ?? UNANSWERED),
      shared.map(([, ordinal]) => other.tallies[ordinal] ?? UNANSWERED),
      ALPHA,
    );
    return toNumbers(gap, gap.pairs, gap.interval, 'no prompt was answered in both sweeps');
  }
  const gap = unpairedGap(one.tallies, other.tallies, ALPHA);
  const n = Math.min(gap.promptsFirst, gap.promptsSecond);
  return toNumbers(gap, n, gap.interval === 't' ? 'welch' : gap.interval, 'one of the sweeps has no answer here');
}

/** What answered: an import is of answers that were given elsewhere, and counts as real. */
function kindsOf(side: Side, { simulated, real }: AnsweredCell): string[] {
  return [...(simulated ? ['simulated'] : []), ...(real || isImported(side) ? ['real'] : [])];
}

function toNumbers(
  gap: { gap: number | null; se: number | null; low: number | null; high: number | null; p: number | null },
  n: number,
  interval: string,
  ifNone: string,
): Gap {
  const { gap: estimate, se, low, high, p } = gap;
  if (estimate === null) return refuse(ifNone);
  const method = interval === 'none' ? null : interval;
  return { n, estimate, se, ci: { low, high, level: 1 - ALPHA, method }, p, refused: null };
}

function refuse(refused: string): Gap {
  return { n: 0, estimate: null, se: null, ci: NO_INTERVAL, p: null, refused };
}

function findUnmatched(a: Side, b: Side, pairs: readonly ConditionPair[]): Comparison['unmatched'] {
  const conditionsOf = ({ sweep }: Side) => sweep.spec.conditions.map(({ id }) => id);
  const gradersOf = ({ sweep }: Side) => sweep.spec.graders.map(({ id }) => id);
  const modelsOf = ({ sweep }: Side) => sweep.spec.models;
  const without = (items: string[], others: string[]) => items.filter((item) => !others.includes(item));
  return {
    conditionsA: without(
      conditionsOf(a),
      pairs.map((pair) => pair.a),
    ),
    conditionsB: without(
      conditionsOf(b),
      pairs.map((pair) => pair.b),
    ),
    modelsA: without(modelsOf(a), modelsOf(b)),
    modelsB: without(modelsOf(b), modelsOf(a)),
    gradersA: without(gradersOf(a), gradersOf(b)),
    gradersB: without(gradersOf(b), gradersOf(a)),
  };
}

const isOf = (cell: ComparedCell, { model, condition }: { model: string; condition: string }): boolean =>
  cell.model === model && (cell.a === condition || cell.b === condition);

type Found = { conditions: ConditionPair[]; prompts: MatchedPrompts; cells: ComparedCell[] };

function toWarnings(a: Answered, b: Answered, { conditions, prompts, cells }: Found): string[] {
  const warnings: string[] = [];
  const { shared, onlyACount, onlyBCount, matchedBy } = prompts.view;
  if (cells.length === 0) warnings.push('the sweeps share no model, grader and condition: there is nothing to compare');
  if (a.sweep.id === b.sweep.id) warnings.push('both are the same sweep');
  for (const { sweep } of [a, b]) {
    if (sweep.state === 'completed') continue;
    const since = isFinished(sweep.state) ? 'its numbers are of what had settled before' : 'its numbers may still move';
    warnings.push(`${sweep.name} is ${sweep.state}: ${since}`);
  }
  for (const { sweep, stops } of a.sweep.id === b.sweep.id ? [a] : [a, b]) {
    const early = stops.filter(({ model, condition }) => cells.some((cell) => isOf(cell, { model, condition })));
    if (early.length === 0) continue;
    const names = early.map(({ model, condition }) => `${model} under ${condition}`).join('; ');
    warnings.push(`rules of ${sweep.name} ended early: ${names}. Intervals here are those of a size that was fixed`);
  }
  if (matchedBy === 'id') warnings.push('an import has no texts: prompts are matched by id alone, conditions by name');
  if (cells.length > 0 && onlyACount + onlyBCount > 0) {
    const rest = isPairable(a, b, prompts)
      ? 'only shared ones are compared'
      : 'too few to pair: all prompts of each are compared';
    warnings.push(
      `the sweeps share ${counted(shared, 'prompt')}; ${onlyACount} are only in a, ${onlyBCount} only in b: ${rest}`,
    );
  }
  const others = conditions.filter(({ same }) => same === false);
  if (others.length > 0) {
    const names = others.map(({ a: id, differing }) => `${id} (${differing.join(', ')})`).join('; ');
    warnings.push(`these conditions are not the same bytes: ${names}`);
  }
  const regraded = new Set(cells.filter(({ sameGrader }) => !sameGrader).map(({ grader }) => grader));
  if (regraded.size > 0) warnings.push(`another version graded: ${[...regraded].join(', ')}`);
  if (cells.length > 1) warnings.push(`p is not corrected for the ${cells.length} comparisons`);
  return warnings;
}
