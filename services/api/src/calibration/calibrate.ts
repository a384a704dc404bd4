import {
  type Calibration,
  type CorrectedContrast,
  type GraderAgreement,
  type LabelSummary,
  type Measure,
  MEASURES,
} from '@crosscheck/contracts';
import { fingerprintOf } from '@crosscheck/experiment';
import {
  chooseCodebook,
  compareGraders,
  correctCell,
  correctContrast,
  graderVersion,
  type PpiPolicy,
  resolveLabels,
  summariseLabels,
} from '@crosscheck/graders';
import type { CountedLabel, LabelledVerdict, StoredMetrics, SweepRow, VerdictPair } from '@crosscheck/store';
import type { AnsweredCell } from '../answers/answered-cells.ts';
import { type Instrument, listJudges } from './judges.ts';
import { toCellUnits } from './cell-units.ts';

export type CalibrationInput = {
  sweep: SweepRow;
  /** of all sweeps of the team */
  labels: readonly CountedLabel[];
  verdicts: readonly LabelledVerdict[];
  pairs: readonly VerdictPair[];
  metrics: StoredMetrics;
  /** what every grader says of every trial of the sweep, counted by prompt; empty where the sweep has no labels */
  answered: readonly AnsweredCell[];
};

export type CalibrationChoice = PpiPolicy & {
  /** whose labels count; without it the one that was used last */
  codebook?: string | undefined;
};

/** What labels say of a sweep's judges, and the sweep's numbers corrected by it. A pure function of what is stored. */
export function calibrate(input: CalibrationInput, choice: CalibrationChoice): Calibration {
  const { sweep, pairs } = input;
  const summaries = MEASURES.map((measure) => summarise(measure, input.labels, choice.codebook));
  const counted = input.labels.filter(({ measure, codebook }) =>
    summaries.some((one) => one.measure === measure && one.codebook === codebook),
  );
  const resolved = MEASURES.flatMap((measure) => resolveLabels(counted.filter((label) => label.measure === measure)));
  const instruments = toInstruments(sweep);
  const judges = listJudges({ sweep, instruments, resolved, verdicts: input.verdicts });
  return {
    sweep: sweep.id,
    labels: summaries.filter(({ codebooks }) => Object.keys(codebooks).length > 0),
    judges: judges.map(({ counts: _counts, ...judge }) => judge),
    agreement: toAgreement(sweep, pairs),
    ...correct(input, { judges, resolved, policy: choice }),
  };
}

function summarise(measure: Measure, labels: readonly CountedLabel[], codebook: string | undefined): LabelSummary {
  const ofMeasure = labels.filter((label) => label.measure === measure);
  return summariseLabels(measure, ofMeasure, codebook ?? chooseCodebook(ofMeasure));
}

/** The graders of a sweep as they are now. Imported verdicts have no instrument that another sweep could share. */
function toInstruments({ spec, provenance }: SweepRow): Instrument[] {
  return spec.graders.map((grader, ordinal) => ({
    id: grader.id,
    ordinal,
    measure: grader.measures ?? 'compliance',
    version: provenance === 'imported' ? 'imported' : graderVersion(grader, fingerprintOf),
  }));
}

function toAgreement({ spec }: SweepRow, pairs: readonly VerdictPair[]): GraderAgreement[] {
  const idOf = (ordinal: number) => spec.graders[ordinal]?.id ?? String(ordinal);
  return [...Map.groupBy(pairs, ({ graders }) => graders.join(' ')).values()].map((group) => {
    const { measure, graders } = group[0] as VerdictPair;
    return compareGraders(measure, [idOf(graders[0]), idOf(graders[1])], group);
  });
}

const DERIVED = new Set(['af_given_compliance', 'gap_without_af']);

/** Numbers of some trials by what another grader says of them: labels by one measure do not tell which trials those truly are. */
export function isCorrectable(metric: string): boolean {
  return !DERIVED.has(metric);
}

type Found = {
  judges: ReturnType<typeof listJudges>;
  resolved: ReturnType<typeof resolveLabels<CountedLabel>>;
  policy: PpiPolicy;
};

function correct(
  input: CalibrationInput,
  { judges, resolved, policy }: Found,
): Pick<Calibration, 'cells' | 'contrasts'> {
  const { sweep, metrics, verdicts, answered } = input;
  const judgeOf = (grader: string) => judges.find((judge) => judge.current && judge.grader === grader);
  const cells = metrics.cells
    .filter(({ metric }) => isCorrectable(metric))
    .flatMap((cell) => {
      const judge = judgeOf(cell.grader);
      if (!judge) return [];
      const units = toCellUnits({ sweep, cell, judge, resolved, verdicts, answered });
      return [correctCell(cell, judge, units, policy)];
    });
  const asked = metrics.contrasts.filter(({ metric }) => isCorrectable(metric));
  const contrasts = asked.flatMap((contrast): CorrectedContrast[] => {
    const { model, grader } = contrast;
    const judge = judgeOf(grader);
    const armOf = (condition: string) =>
      cells.find((cell) => cell.model === model && cell.grader === grader && cell.condition === condition)?.ppi;
    const [treatment, control] = [armOf(contrast.treatment), armOf(contrast.control)];
    if (!judge || !treatment || !control) return [];
    const countsOf = (condition: string) =>
      judge.conditions.find((one) => one.condition === condition)?.confusion ?? { tp: 0, fp: 0, fn: 0, tn: 0 };
    const byArm = { treatment: countsOf(contrast.treatment), control: countsOf(contrast.control) };
    return [correctContrast(contrast, { counts: judge.counts, byArm }, { treatment, control })];
  });
  return { cells, contrasts };
}
