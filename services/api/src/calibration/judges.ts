import type { JudgeQuality, Measure } from '@crosscheck/contracts';
import {
  countConfusion,
  type JudgeCounts,
  type JudgedLabel,
  measureJudge,
  type ResolvedLabel,
  toJudgeCounts,
  toVerdictScore,
} from '@crosscheck/graders';
import type { CountedLabel, LabelledVerdict, SweepRow } from '@crosscheck/store';

/** A grader of the sweep as it is now. */
export type Instrument = { id: string; ordinal: number; measure: Measure; version: string };
/** A judge with the counts that corrections rest on. */
export type Judge = JudgeQuality & { counts: JudgeCounts['counts'] };
export type ToJudge = {
  sweep: SweepRow;
  instruments: readonly Instrument[];
  resolved: readonly ResolvedLabel<CountedLabel>[];
  verdicts: readonly LabelledVerdict[];
};

/**
 * The quality of every version that graded this sweep: the graders as they are now, and below them the versions that they replaced.
 * Labels of other sweeps count where the same version judged them.
 */
export function listJudges({ sweep, instruments, resolved, verdicts }: ToJudge): Judge[] {
  const current = instruments.map((instrument) => ({ ...instrument, current: true }));
  const isCurrent = ({ grader, version }: LabelledVerdict) =>
    instruments.some((instrument) => instrument.id === grader && instrument.version === version);
  const earlier = verdicts.filter((verdict) => verdict.sweep === sweep.id && !isCurrent(verdict));
  const replaced = [...Map.groupBy(earlier, ({ grader, version }) => `${grader} ${version}`).values()].map((group) => {
    const { grader, version, measure } = group[0] as LabelledVerdict;
    return { id: grader, version, measure, current: false };
  });
  return [...current, ...replaced].map((instrument) => toJudge(sweep, instrument, resolved, verdicts));
}

const LABELLED_ELSEWHERE =
  'no label is of this sweep: whether the judge is as good on these answers as on those of other sweeps is not known';

type Met = JudgedLabel & { of: CountedLabel };

function toJudge(
  sweep: SweepRow,
  { id, version, measure, current }: Omit<Instrument, 'ordinal'> & { current: boolean },
  resolved: ToJudge['resolved'],
  verdicts: readonly LabelledVerdict[],
): Judge {
  // What was imported as a verdict is as good as where it came from: labels of another import say nothing of it.
  const isShared = sweep.provenance !== 'imported';
  const said = new Map(
    verdicts
      .filter((verdict) => verdict.version === version && verdict.measure === measure)
      .filter((verdict) => isShared || (verdict.sweep === sweep.id && verdict.grader === id))
      .map((verdict) => [verdict.trial, verdict]),
  );
  const met = resolved.flatMap(({ of, score: human }): Met[] => {
    const verdict = of.measure === measure ? said.get(of.trial) : undefined;
    const judge = verdict ? toVerdictScore(measure, verdict.label) : null;
    if (!verdict || human === null || judge === null) return [];
    return [{ human, judge, score: verdict.score, curtailed: verdict.curtailed, weight: of.weight, of }];
  });
  const measured = measureJudge(met);
  const isElsewhere = met.length > 0 && met.every(({ of }) => of.sweep !== sweep.id);
  return {
    grader: id,
    measure,
    version,
    current,
    ...measured,
    warnings: [...measured.warnings, ...(isElsewhere ? [LABELLED_ELSEWHERE] : [])],
    from: toSources(met),
    conditions: toConditions(sweep, met),
    counts: toJudgeCounts(met).counts,
  };
}

function toSources(met: readonly Met[]): JudgeQuality['from'] {
  return [...Map.groupBy(met, ({ of }) => of.sweep)].map(([sweep, labels]) => ({
    sweep,
    name: labels[0]?.of.sweepName ?? '',
    labels: labels.length,
  }));
}

function toConditions({ id, spec }: SweepRow, met: readonly Met[]): JudgeQuality['conditions'] {
  const own = Map.groupBy(
    met.filter(({ of }) => of.sweep === id),
    ({ of }) => of.condition,
  );
  return [...own]
    .sort(([a], [b]) => a - b)
    .map(([condition, labels]) => ({
      condition: spec.conditions[condition]?.id ?? String(condition),
      confusion: countConfusion(labels),
    }));
}
