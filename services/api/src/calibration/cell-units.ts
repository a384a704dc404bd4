import type { Cell } from '@crosscheck/contracts';
import { type CellUnits, type ResolvedLabel, toVerdictScore } from '@crosscheck/graders';
import {
  type CellCodes,
  type CountedLabel,
  type LabelledVerdict,
  OUTCOME_CODES,
  type SweepRow,
} from '@crosscheck/store';
import type { Judge } from './judges.ts';

export type ToUnits = {
  sweep: SweepRow;
  cell: Cell;
  judge: Judge;
  resolved: readonly ResolvedLabel<CountedLabel>[];
  verdicts: readonly LabelledVerdict[];
  codes: readonly CellCodes[];
};

type LabelledSample = { prompt: number; human: 0 | 1; judge: 0 | 1; weight: number | null };

/** The prompts of one cell as a correction by labels wants them: prompts are the units, since their samples are not independent. */
export function toCellUnits(input: ToUnits): CellUnits {
  const samples = listLabelled(input);
  const verdicts = listVerdicts(input);
  const byPrompt = Map.groupBy(samples, ({ prompt }) => prompt);
  return {
    labelled: [...byPrompt.values()].map(meanOfPrompt),
    judgedAll: [...verdicts.values()].map(meanOf),
    judgedUnlabelled: [...verdicts].filter(([prompt]) => !byPrompt.has(prompt)).map(([, each]) => meanOf(each)),
    n: samples.length,
    judged: [...verdicts.values()].reduce((sum, each) => sum + each.length, 0),
  };
}

function listLabelled({ sweep, cell, judge, resolved, verdicts }: ToUnits): LabelledSample[] {
  const said = new Map(
    verdicts
      .filter((verdict) => verdict.sweep === sweep.id && verdict.current && verdict.grader === cell.grader)
      .map((verdict) => [verdict.trial, verdict.label]),
  );
  return resolved.flatMap(({ of, score: human }): LabelledSample[] => {
    const isHere =
      of.sweep === sweep.id &&
      of.measure === judge.measure &&
      sweep.spec.models[of.model] === cell.model &&
      sweep.spec.conditions[of.condition]?.id === cell.condition;
    const verdict = isHere ? toVerdictScore(judge.measure, said.get(of.trial) ?? '') : null;
    if (human === null || verdict === null) return [];
    return [{ prompt: of.prompt, human, judge: verdict, weight: of.weight }];
  });
}

/** One prompt's labelled samples, each by its weight. */
function meanOfPrompt(samples: readonly LabelledSample[]): CellUnits['labelled'][number] {
  const isDrawn = samples.every(({ weight }) => weight !== null);
  const weightOf = ({ weight }: LabelledSample) => (isDrawn ? (weight ?? 1) : 1);
  const total = samples.reduce((sum, sample) => sum + weightOf(sample), 0);
  const mean = (side: 'human' | 'judge') =>
    samples.reduce((sum, sample) => sum + weightOf(sample) * sample[side], 0) / total;
  return { human: mean('human'), judge: mean('judge'), weight: isDrawn ? total : null };
}

/** The verdicts on each prompt, by its ordinal; prompts without one are left out. */
function listVerdicts({ sweep, cell, judge, codes }: ToUnits): Map<number, number[]> {
  const { spec } = sweep;
  const ofCell = codes.find(
    (each) =>
      spec.graders[each.grader]?.id === cell.grader &&
      spec.models[each.model] === cell.model &&
      spec.conditions[each.condition]?.id === cell.condition,
  );
  const scores = (ofCell?.prompts ?? []).map((letters) =>
    Array.from(letters, (letter) =>
      toVerdictScore(judge.measure, OUTCOME_CODES[letter as keyof typeof OUTCOME_CODES]),
    ).filter((score) => score !== null),
  );
  return new Map([...scores.entries()].filter(([, verdicts]) => verdicts.length > 0));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
