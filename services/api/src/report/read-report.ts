import {
  type Clock,
  counted,
  type Grader,
  type LabelSummary,
  OUTCOMES,
  type Report,
  type ReportGrader,
} from '@crosscheck/contracts';
import { canonicalJson } from '@crosscheck/experiment';
import {
  type CellCount,
  countVerdictPairs,
  type DatasetRow,
  listDeadLetters,
  listExtensions,
  type Pool,
  readCellCounts,
  readCountedLabels,
  readDataset,
  readFingerprints,
  readLabelledVerdicts,
  readMetrics,
  readParserVersions,
  readProgress,
  readPromptMarks,
  type StoredMetrics,
  type SweepRow,
} from '@crosscheck/store';
import type { ReadAnsweredCells } from '../answers/answered-cells.ts';
import { calibrate } from '../calibration/calibrate.ts';
import type { CorrectMetrics } from '../calibration/correct-metrics.ts';
import { versionsOf } from '../comparison/side.ts';
import { toExtensionView } from '../status/extension-view.ts';
import { splitQuote, toIso, toSweepView } from '../status/sweep-view.ts';
import { words } from './figures.ts';
import { listIncompletePairs } from './incomplete-pairs.ts';
import { describeCaveats, describeMethods } from './methods.ts';
import { toMatrix } from './to-matrix.ts';

const DEAD_LETTERS_MAX = 20;

export type ReadReportDeps = {
  pool: Pool;
  clock: Clock;
  correct: CorrectMetrics;
  readAnsweredCells: ReadAnsweredCells;
};

/** Everything that a report says, as last computed. */
export async function readReport(
  { pool, clock, correct, readAnsweredCells }: ReadReportDeps,
  sweep: SweepRow,
): Promise<Report> {
  const { id, spec, datasetId, teamId } = sweep;
  const [metrics, progress, counts, fingerprints, parsers, cells, dataset, prompts, deadLetters, extensions] =
    await Promise.all([
      readMetrics(pool, id),
      readProgress(pool, [id]),
      readCellCounts(pool, id),
      readFingerprints(pool, id),
      readParserVersions(pool, id),
      readAnsweredCells(sweep),
      datasetId === null ? null : readDataset(pool, teamId, datasetId),
      datasetId === null ? [] : readPromptMarks(pool, datasetId),
      listDeadLetters(pool, { teamId, sweepId: id, limit: DEAD_LETTERS_MAX }),
      listExtensions(pool, id),
    ]);
  const { progress: settled, spend, attempts, tokens } = toSweepView(sweep, progress.get(id));
  const { judges, agreement, passedOver } = await readJudges(pool, sweep, metrics);
  const facts = {
    generatedAt: new Date(clock.nowMs()).toISOString(),
    sweep: toSweepFacts(sweep, parsers),
    dataset: dataset && toDatasetFacts(dataset),
    conditions: spec.conditions.map(({ id: name, labels }) => ({
      id: name,
      fingerprint: fingerprints.get(name) ?? '',
      labels,
    })),
    graders: toGraders(sweep),
    progress: { planned: settled.planned, settled: settled.settled },
    spend: { usd: spend.usd, budgetUsd: spend.budgetUsd, calls: attempts, tokens },
    extensions: extensions.map((one) => toExtensionView(one, spec)),
    summary: metrics.summary ?? null,
    ...(await correct(sweep, metrics)),
    series: metrics.series,
    incompletePairs: listIncompletePairs(spec, cells, prompts),
    stops: metrics.stops,
    outcomes: counts.map(toOutcomes),
    matrix: toMatrix(sweep, cells, prompts),
    judges,
    agreement,
    deadLetters: deadLetters.map(({ firstAt, lastAt, ...group }) => ({
      ...group,
      firstAt: firstAt.toISOString(),
      lastAt: lastAt.toISOString(),
    })),
    warnings: [...splitQuote(sweep.quote).warnings, ...metrics.stops.map(toStopWarning), ...passedOver],
  };
  return { ...facts, methods: describeMethods(facts), caveats: describeCaveats(facts) };
}

async function readJudges(
  pool: Pool,
  sweep: SweepRow,
  metrics: StoredMetrics,
): Promise<Pick<Report, 'judges' | 'agreement'> & { passedOver: string[] }> {
  const [labels, verdicts, pairs] = await Promise.all([
    readCountedLabels(pool, sweep.teamId),
    readLabelledVerdicts(pool, sweep.teamId),
    countVerdictPairs(pool, sweep.id),
  ]);
  // Corrected numbers are for /calibration: without cells and codes, judges alone are measured.
  const none = { ...metrics, cells: [], contrasts: [] };
  const found = calibrate(
    { sweep, labels, verdicts, pairs, metrics: none, answered: [] },
    { codebook: undefined, drawnElsewhere: false },
  );
  return { judges: found.judges, agreement: found.agreement, passedOver: found.labels.flatMap(toPassedOver) };
}

/** One label under other rules, in any sweep of the team, and those that were there before stop counting: a reader has to know. */
function toPassedOver({ measure, codebook, codebooks }: LabelSummary): string[] {
  const others = Object.entries(codebooks).filter(([name]) => name !== codebook);
  if (others.length === 0) return [];
  const counts = others.map(([name, n]) => `${n} under ${name}`).join(', ');
  return [`labels of ${words(measure)} under codebook ${codebook} count, the one used last; not counted: ${counts}`];
}

function toSweepFacts(sweep: SweepRow, parsers: string[]): Report['sweep'] {
  const { id, name, state, stateReason, provenance, specHash, spec, createdAt, finishedAt } = sweep;
  return {
    id,
    name,
    study: spec.study,
    state,
    stateReason,
    provenance,
    specHash,
    seed: spec.seed,
    samples: spec.samples,
    models: spec.models,
    sampling: Object.fromEntries(
      Object.entries(spec.sampling).map(([key, value]) => [
        key,
        typeof value === 'string' ? value : canonicalJson(value),
      ]),
    ),
    labels: spec.labels,
    parsers,
    stop: spec.stop ?? null,
    createdAt: createdAt.toISOString(),
    finishedAt: toIso(finishedAt),
  };
}

const toDatasetFacts = ({ name, version, prompts }: DatasetRow) => ({ name, version, prompts });

function toGraders(sweep: SweepRow): ReportGrader[] {
  const versions = versionsOf(sweep);
  return sweep.spec.graders.map((grader) => ({
    id: grader.id,
    kind: sweep.provenance === 'imported' ? 'label' : grader.kind,
    measures: grader.measures ?? 'compliance',
    version: versions.get(grader.id) ?? '',
    ...judgeOf(grader),
  }));
}

function judgeOf(grader: Grader): Pick<ReportGrader, 'model' | 'votes' | 'threshold' | 'when'> {
  if (grader.kind !== 'judge') return { model: null, votes: null, threshold: null, when: null };
  const { model, votes = 1, threshold = 0.5, when = null } = grader;
  return { model, votes, threshold, when };
}

function toStopWarning({ model, condition, rule, trials }: StoredMetrics['stops'][number]): string {
  return `${model} under ${condition} ended early, ${counted(trials, 'trial')} before its plan: ${rule}. Only its sequence holds`;
}

/** Behaviour first, then what is missing; outcomes that did not occur are left out. */
function toOutcomes({ model, condition, counts }: CellCount): Report['outcomes'][number] {
  const found = OUTCOMES.flatMap((outcome): [string, number][] => {
    const n = counts[outcome] ?? 0;
    return n === 0 ? [] : [[outcome, n]];
  });
  return { model, condition, counts: Object.fromEntries(found) };
}
