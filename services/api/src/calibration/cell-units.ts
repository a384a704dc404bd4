import type { Cell } from '@crosscheck/contracts';
import { type CellUnits, type ResolvedLabel, toVerdictScore } from '@crosscheck/graders';
import type { PromptTally } from '@crosscheck/stats';
import type { CountedLabel, LabelledVerdict, SweepRow } from '@crosscheck/store';
import type { AnsweredCell } from '../answers/answered-cells.ts';
import type { Judge } from './judges.ts';

export type ToUnits = {
  sweep: SweepRow;
  cell: Cell;
  judge: Judge;
  resolved: readonly ResolvedLabel<CountedLabel>[];
  verdicts: readonly LabelledVerdict[];
  answered: readonly AnsweredCell[];
};

type LabelledSample = { prompt: number; human: 0 | 1; judge: 0 | 1; weight: number | null };

/** The prompts of one cell as a correction by labels wants them: prompts are the units, since their samples are not independent. */
export function toCellUnits(input: ToUnits): CellUnits {
  const samples = listLabelled(input);
  const judged = [...listJudged(input)];
  const byPrompt = Map.groupBy(samples, ({ prompt }) => prompt);
  return {
    labelled: [...byPrompt.values()].map(meanOfPrompt),
    judgedAll: judged.map(([, tally]) => rateOf(tally)),
    judgedUnlabelled: judged.filter(([prompt]) => !byPrompt.has(prompt)).map(([, tally]) => rateOf(tally)),
    n: samples.length,
    judged: judged.reduce((sum, [, { valid }]) => sum + valid, 0),
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
function* listJudged({ cell, answered }: ToUnits): Generator<[prompt: number, PromptTally]> {
  const ofCell = answered.find(
    ({ grader, model, condition }) => grader === cell.grader && model === cell.model && condition === cell.condition,
  );
  for (const [prompt, tally] of ofCell?.tallies.entries() ?? []) if (tally.valid > 0) yield [prompt, tally];
}

const rateOf = ({ complied, valid }: PromptTally): number => complied / valid;
