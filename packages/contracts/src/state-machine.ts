/**
 * The states of a sweep and of a trial, and the moves between them. The database holds the same words in CHECK constraints; a test
 * compares the two.
 *
 *   sweep   planning ─▶ running ◀─▶ paused        running, paused, planning ─▶ cancelled | failed
 *                          └─▶ completed ─▶ running (retry, extension)
 *           planning ◀─▶ paused, where it is paused before it was planned
 *
 *   trial   planned ─▶ queued ─▶ settled          queued ─▶ planned (handed back)     settled ─▶ planned (retry, replay)
 */
export const SWEEP_STATES = ['planning', 'running', 'paused', 'completed', 'cancelled', 'failed'] as const;
export type SweepState = (typeof SWEEP_STATES)[number];

export const TRIAL_STATES = ['planned', 'queued', 'settled'] as const;
export type TrialState = (typeof TRIAL_STATES)[number];

const SWEEP_MOVES: Record<SweepState, readonly SweepState[]> = {
  planning: ['running', 'paused', 'cancelled', 'failed'],
  running: ['paused', 'completed', 'cancelled', 'failed'],
  paused: ['planning', 'running', 'cancelled', 'failed'],
  completed: ['running'],
  cancelled: ['running'],
  failed: ['running'],
};

export function canMove(from: SweepState, to: SweepState): boolean {
  return SWEEP_MOVES[from].includes(to);
}

/** A finished sweep changes only by an act: retry, or an extension. */
export function isFinished(state: SweepState): boolean {
  return state === 'completed' || state === 'cancelled' || state === 'failed';
}
