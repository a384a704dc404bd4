import { Type, type Static } from 'typebox';

/** What a lane's queue carries: ids only, never a prompt or an answer. */
export const TrialJob = Type.Object({
  /** the trial's id */
  t: Type.String(),
  /** the epoch of the claim: a job of an older epoch is dropped */
  e: Type.Integer({ minimum: 1 }),
  /** version of this payload */
  v: Type.Literal(1),
});
export type TrialJob = Static<typeof TrialJob>;

/**
 * Reads what a queue carried. While versions change, a worker meets jobs of a scheduler that is a version ahead or behind:
 *
 * - a new field is optional, its absence means what was meant before it, and a worker that does not know it ignores it: `v` stays;
 * - what an earlier worker must not run raises `v`: that worker leaves the job to others. The build that reads the new version is deployed
 *   before the one that writes it, and reads the old version for as long as such jobs can be on a queue.
 *
 * @returns 'newer' for a version that this build does not know, 'broken' for what no build wrote
 */
export function readTrialJob(data: unknown): TrialJob | 'newer' | 'broken' {
  const { t, e, v } = (typeof data === 'object' && data !== null ? data : {}) as Partial<Record<string, unknown>>;
  if (typeof v === 'number' && v > 1) return 'newer';
  return v === 1 && typeof t === 'string' && Number.isInteger(e) && (e as number) > 0
    ? { t, e: e as number, v }
    : 'broken';
}

/** One id for one claim of one trial, so that adding it again is harmless. BullMQ forbids ':' and whole numbers. */
export function toJobId(trialId: string, epoch: number): string {
  return `t-${trialId}-${epoch}`;
}
