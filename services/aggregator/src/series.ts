import {
  type Cell,
  type ContrastMetric,
  type Interval,
  type Measure,
  type ResolvedSweep,
  type Series,
  type SeriesPoint,
  type SeriesReason,
  type SeriesValue,
} from '@crosscheck/contracts';
import { pairedRatioOf, type PromptTally } from '@crosscheck/stats';
import { ALPHA } from './cell-metric.ts';
import type { CellReading } from './cell-reading.ts';
import { sumOf } from './letter-scores.ts';
import type { PromptKind } from './prompt-kinds.ts';
import type { Readings } from './readings.ts';

/** What prompts answered in one cell by one grader. */
export type SeriesRow = {
  model: string;
  condition: string;
  grader: string;
  reading: CellReading;
  simulated: boolean;
  real: boolean;
  isRunnable: boolean;
};
export type SeriesInput = {
  cells: readonly Cell[];
  contrasts: readonly ContrastMetric[];
  rows: readonly SeriesRow[];
  readings: Readings;
};

type Checkpoint = { model: string; step: number };
type Asked = { grader: string; measures: Measure; contrast: ResolvedSweep['contrasts'][number] };

/** The checkpoints of a sweep as curves: one for each family, grader and contrast. Rates and gaps are those of the cells and contrasts. */
export function toSeries(spec: ResolvedSweep, input: SeriesInput): Series[] {
  return listFamilies(spec).flatMap(([family, checkpoints]) =>
    spec.graders.flatMap(({ id: grader, measures = 'compliance' }): Series[] => {
      const name = { family, grader, metric: rateOf(measures) };
      if (spec.contrasts.length === 0) {
        return [{ ...name, contrast: null, treatment: null, control: null, points: [], reason: 'no_contrasts' }];
      }
      return spec.contrasts.map((contrast) => ({
        ...name,
        contrast: contrast.id,
        treatment: contrast.treatment,
        control: contrast.control,
        points: toPoints(spec, { grader, measures, contrast }, checkpoints, input),
        reason: checkpoints.length === 1 ? 'one_step' : null,
      }));
    }),
  );
}

const rateOf = (measures: Measure): string => (measures === 'compliance' ? 'compliance_rate' : 'af_rate');

/** Families in the order in which the sweep names their models, each by step. */
function listFamilies({ models, modelLabels = {} }: ResolvedSweep): [string, Checkpoint[]][] {
  const labelled = models.flatMap((model) => {
    const label = Object.hasOwn(modelLabels, model) ? modelLabels[model] : undefined;
    return label ? [{ model, ...label }] : [];
  });
  return [...Map.groupBy(labelled, ({ family }) => family)].map(([family, some]) => [
    family,
    some.map(({ model, step }) => ({ model, step })).toSorted((a, b) => a.step - b.step),
  ]);
}

function toPoints(
  spec: ResolvedSweep,
  { grader, measures, contrast }: Asked,
  checkpoints: readonly Checkpoint[],
  { cells, contrasts, rows, readings }: SeriesInput,
): SeriesPoint[] {
  const reasoning = spec.graders.find((each) => each.measures === 'af_reasoning');
  const controlOf = ({ model }: Checkpoint) =>
    rows.find((row) => row.model === model && row.grader === grader && row.condition === contrast.control);
  const [first] = checkpoints;
  return checkpoints.map((checkpoint) => {
    const { model, step } = checkpoint;
    const cellOf = (condition: string, of = grader, metric = rateOf(measures)) =>
      cells.find(
        (cell) => cell.model === model && cell.condition === condition && cell.grader === of && cell.metric === metric,
      );
    // The gap without alignment faking goes by the same contrast; it comes behind the gap itself.
    const gap = contrasts.find((each) => each.id === contrast.id && each.model === model && each.grader === grader);
    const [treatment, control] = [cellOf(contrast.treatment), cellOf(contrast.control)];
    return {
      model,
      step,
      treatment: ofCell(treatment),
      control: ofCell(control),
      gap: ofContrast(gap),
      afReasoning:
        measures === 'compliance' && reasoning ? ofCell(cellOf(contrast.treatment, reasoning.id, 'af_rate')) : null,
      retainedNonCompliance:
        measures === 'compliance'
          ? toRetained(readings, {
              row: controlOf(checkpoint),
              first: first && controlOf(first),
              isFirst: checkpoint === first,
            })
          : null,
      simulated: [treatment, control].some((cell) => cell?.simulated === true),
    };
  });
}

const NO_INTERVAL: Interval = { low: null, high: null, level: 1 - ALPHA, method: null };

function nothing(reason: SeriesReason): SeriesValue {
  return { estimate: null, se: null, ci: NO_INTERVAL, n: 0, prompts: 0, reason };
}

function ofCell(cell: Cell | undefined): SeriesValue {
  if (!cell) return nothing('not_measured');
  const { estimate, se, ci, n, prompts, reason = null } = cell;
  return { estimate, se, ci, n, prompts, reason };
}

function ofContrast(contrast: ContrastMetric | undefined): SeriesValue {
  if (!contrast) return nothing('not_measured');
  const { estimate, se, ci, pairs, reason = null } = contrast;
  return { estimate, se, ci, n: pairs, prompts: pairs, reason };
}

/**
 * What is left of the first step's non-compliance under the control, over prompts that answered at both steps. Both rates are of the same
 * prompts, so the interval of their ratio is a joint one. At the first step itself the ratio is 1 by definition and has no interval.
 */
function toRetained(
  readings: Readings,
  { row, first, isFirst }: { row: SeriesRow | undefined; first: SeriesRow | undefined; isFirst: boolean },
): SeriesValue {
  if (!row) return nothing('not_measured');
  if (!first) return nothing('baseline_missing');
  if (!row.isRunnable || !first.isRunnable) return nothing('not_runnable');
  if ((row.simulated || first.simulated) && (row.real || first.real)) return nothing('mixed_provenance');
  if (sumOf(first.reading.counts().outcomes) === 0) return nothing('baseline_missing');
  const counted = readings.pairs(row.reading, first.reading).map(({ value, prompts }) => ({
    value: { treatment: toRefused(value.treatment), control: toRefused(value.control) },
    prompts,
  }));
  const { ratio, se, low, high, interval, pairs, obstacle } = pairedRatioOf(counted, ALPHA);
  const counts = { n: pairs, prompts: pairs };
  if (isFirst && ratio !== null) return { ...nothing('first_step'), estimate: ratio, ...counts };
  const ci = { low, high, level: 1 - ALPHA, method: interval === 'none' ? null : interval };
  return { estimate: ratio, se, ci, ...counts, reason: obstacle };
}

function toRefused({ complied, valid }: PromptKind): PromptTally {
  return { complied: valid - complied, valid };
}
