import {
  type Calibration,
  type Cell,
  type ContrastMetric,
  type Corrected,
  type CorrectedCell,
  type CorrectedContrast,
  type Corrections,
  isFinished,
  type JudgeQuality,
} from '@crosscheck/contracts';
import {
  countVerdictPairs,
  type Pool,
  readCountedLabels,
  readLabelledVerdicts,
  readLabelRevision,
  type StoredMetrics,
  type SweepRow,
} from '@crosscheck/store';
import type { ReadAnsweredCells } from '../answers/answered-cells.ts';
import { calibrate, isCorrectable } from './calibrate.ts';

const SWEEPS_MAX = 200;

/** Puts the corrected numbers beside the raw ones. */
export type CorrectMetrics = (
  sweep: SweepRow,
  metrics: StoredMetrics,
) => Promise<Pick<StoredMetrics, 'cells' | 'contrasts'>>;

/**
 * Corrections are computed once for each fold of a sweep and each change of its team's labels, and only where the team has labels at all:
 * reading metrics stays a read. What the last `SWEEPS_MAX` sweeps gave is kept.
 */
type Deps = { pool: Pool; readAnsweredCells: ReadAnsweredCells };

export function makeCorrectMetrics(deps: Deps): CorrectMetrics {
  const { pool } = deps;
  const known = new Map<string, { mark: string; calibration: Promise<Calibration> }>();

  function readCalibration(sweep: SweepRow, metrics: StoredMetrics, revision: string): Promise<Calibration> {
    const mark = [revision, metrics.computedAt?.toISOString(), sweep.specHash, sweep.state].join(' ');
    const before = known.get(sweep.id);
    known.delete(sweep.id);
    const entry = before?.mark === mark ? before : { mark, calibration: compute(deps, sweep, metrics) };
    known.set(sweep.id, entry);
    const [oldest] = known.keys();
    if (known.size > SWEEPS_MAX && oldest !== undefined) known.delete(oldest);
    // What failed is asked for again; those who wait for it hear of the failure.
    entry.calibration.catch(() => known.get(sweep.id) === entry && known.delete(sweep.id));
    return entry.calibration;
  }

  return async function correctMetrics(sweep, metrics) {
    const { cells, contrasts } = metrics;
    const { labels, revision } = await readLabelRevision(pool, sweep.teamId);
    const found = labels === 0 ? null : await readCalibration(sweep, metrics, revision);
    return {
      cells: cells.map((cell) => ({ ...cell, ...correctionOf(cell, found, findCell(cell, found), sweep) })),
      contrasts: contrasts.map((contrast) => ({
        ...contrast,
        ...correctionOf(contrast, found, findContrast(contrast, found), sweep),
      })),
    };
  };
}

async function compute(
  { pool, readAnsweredCells }: Deps,
  sweep: SweepRow,
  metrics: StoredMetrics,
): Promise<Calibration> {
  const [labels, verdicts, pairs] = await Promise.all([
    readCountedLabels(pool, sweep.teamId),
    readLabelledVerdicts(pool, sweep.teamId),
    countVerdictPairs(pool, sweep.id),
  ]);
  // Every trial is read for the correction by a cell's own labels alone, and that one waits for the end of the sweep.
  const hasOwn = isFinished(sweep.state) && labels.some((label) => label.sweep === sweep.id);
  const answered = hasOwn ? await readAnsweredCells(sweep) : [];
  return calibrate({ sweep, labels, verdicts, pairs, metrics, answered }, { drawnElsewhere: false });
}

type Named = Pick<Cell, 'model' | 'grader' | 'metric'>;

const isSame = (one: Named, other: Named): boolean =>
  one.model === other.model && one.grader === other.grader && one.metric === other.metric;

function findCell(cell: Cell, found: Calibration | null): CorrectedCell | undefined {
  return found?.cells.find((each) => isSame(each, cell) && each.condition === cell.condition);
}

function findContrast(contrast: ContrastMetric, found: Calibration | null): CorrectedContrast | undefined {
  return found?.contrasts.find((each) => isSame(each, contrast) && each.id === contrast.id);
}

function correctionOf(
  { grader, metric }: Named,
  found: Calibration | null,
  numbers: CorrectedCell | CorrectedContrast | undefined,
  { state }: SweepRow,
): Pick<Cell, 'corrected' | 'correctedReason'> {
  if (!isCorrectable(metric)) return { corrected: null, correctedReason: 'not_defined' };
  const judge = found?.judges.find((each) => each.current && each.grader === grader);
  if (!judge || judge.n === 0 || !numbers) return { corrected: null, correctedReason: 'not_calibrated' };
  return { corrected: toCorrections(judge, numbers, isFinished(state)), correctedReason: null };
}

function toCorrections(
  { version, warnings }: JudgeQuality,
  numbers: CorrectedCell | CorrectedContrast,
  hasEnded: boolean,
): Corrections {
  const { roganGladen, ppi } = numbers;
  return {
    version,
    roganGladen,
    ppi: hasEnded ? ppi : notYet(ppi),
    warnings: [...warnings, ...('warnings' in numbers ? numbers.warnings : [])],
  };
}

/** Labels of a part of a sweep are no draw of the whole. */
function notYet({ n }: Corrected): Corrected {
  return { estimate: null, se: null, low: null, high: null, refused: 'sweep_not_ended', clamped: false, n };
}
