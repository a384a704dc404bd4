import type { Cell, ContrastMetric, Measure, ResolvedSweep, StopRule } from '@crosscheck/contracts';

/** A cell that is decided, by ordinals of model and condition; `rule` says by what. */
export type Decided = { model: number; condition: number; rule: string };

type Numbers = { cells: readonly Cell[]; contrasts: readonly ContrastMetric[] };
type Plan = NonNullable<ResolvedSweep['stop']>;

/**
 * The cells whose stopping rules are all met. A rule with a contrast is about both cells of it, one without about every cell; each model
 * is judged by itself, and by the first grader of what the rule measures. Nothing but confidence sequences is looked at: they hold at
 * every moment at once, so that stopping when one likes what one sees does not make them wrong. A sequence that emptied decides nothing.
 */
export function findDecided(spec: ResolvedSweep, numbers: Numbers): Decided[] {
  const { stop } = spec;
  if (!stop) return [];
  return spec.models.flatMap((ref, model) =>
    spec.conditions.flatMap(({ id }, condition): Decided[] => {
      const rules = stop.rules.filter((rule) => isAbout(spec, rule, id));
      const met = rules.map((rule) => meet(rule, stop, findNumber(spec, numbers, rule, { model: ref, condition: id })));
      if (met.length === 0 || met.includes(null)) return [];
      return [{ model, condition, rule: met.join('; ') }];
    }),
  );
}

function isAbout({ contrasts }: ResolvedSweep, { contrast }: StopRule, condition: string): boolean {
  if (contrast === undefined) return true;
  const arms = contrasts.find(({ id }) => id === contrast);
  return arms?.treatment === condition || arms?.control === condition;
}

type Watched = Pick<Cell, 'sequence' | 'sequencePrompts'> | undefined;

function findNumber(
  spec: ResolvedSweep,
  { cells, contrasts }: Numbers,
  { contrast, measures = 'compliance' }: StopRule,
  { model, condition }: { model: string; condition: string },
): Watched {
  const grader = firstGrader(spec, measures);
  const isOf = (number: { model: string; grader: string }) => number.model === model && number.grader === grader;
  // Of the numbers of one cell or contrast by one grader, those derived from another grader's verdicts come later.
  if (contrast === undefined) return cells.find((cell) => isOf(cell) && cell.condition === condition);
  return contrasts.find((one) => isOf(one) && one.id === contrast);
}

function firstGrader({ graders }: ResolvedSweep, wanted: Measure): string | undefined {
  return graders.find(({ measures = 'compliance' }) => measures === wanted)?.id;
}

/** What met the rule, in words; null when it is not met. */
function meet(rule: StopRule, { minPrompts }: Plan, number: Watched): string | null {
  const { sequence, sequencePrompts = 0 } = number ?? {};
  if (!sequence || sequence.low === null || sequence.high === null || sequencePrompts < minPrompts) return null;
  const { low, high } = sequence;
  const shown = `[${low.toFixed(3)}, ${high.toFixed(3)}] over ${sequencePrompts} prompts`;
  const about = [rule.kind, rule.contrast, rule.measures].filter(Boolean).join(' ');
  if (rule.kind === 'gap-decided') return low > 0 || high < 0 ? `${about}: ${shown} excludes 0` : null;
  const half = (high - low) / 2;
  return half <= rule.halfWidth ? `${about}: ${shown} is ±${half.toFixed(3)}, wanted ±${rule.halfWidth}` : null;
}
