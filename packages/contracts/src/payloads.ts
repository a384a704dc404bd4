import { Type, type Static } from 'typebox';

/** What a lane's queue carries: ids only, never a prompt or an answer. */
export const TrialJob = Type.Object({
  /** the trial's id */
  t: Type.String(),
  /** the epoch of the claim: a job of an older epoch is dropped */
  e: Type.Integer({ minimum: 1 }),
  /** version of this payload; a worker that reads a newer one leaves the job alone */
  v: Type.Literal(1),
});
export type TrialJob = Static<typeof TrialJob>;

/** One id for one claim of one trial, so that adding it again is harmless. BullMQ forbids ':' and whole numbers. */
export function toJobId(trialId: string, epoch: number): string {
  return `t-${trialId}-${epoch}`;
}
