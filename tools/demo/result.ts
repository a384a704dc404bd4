import type { Metrics, SweepDetail } from '@crosscheck/contracts';
import type { Checks } from './checks.ts';
import { findGapTruth, findTruth, type TruthRow } from './truth.ts';

/** What a run of the demo has shown. Truth and checks are null for a real model. */
export type DemoResult = {
  sweep: SweepDetail;
  metrics: Metrics;
  truth: TruthRow[] | null;
  checks: Checks | null;
  /** from the submission to the last trial */
  durationMs: number;
};

/** The result as the one document of `--json`: every rate and every gap beside its truth. */
export function toDocument({ sweep, metrics, truth, checks, durationMs }: DemoResult): object {
  const { id, name, state, stateReason, provenance, progress, spend } = sweep;
  return {
    sweep: { id, name, stateReason, provenance, trials: progress.planned, outcomes: progress.outcomes, spend },
    state,
    durationMs,
    cells: metrics.cells.map((cell) => ({ ...cell, truth: truth && findTruth(truth, cell) })),
    contrasts: metrics.contrasts.map((contrast) => ({ ...contrast, truth: truth && findGapTruth(truth, contrast) })),
    truth,
    checks,
  };
}
