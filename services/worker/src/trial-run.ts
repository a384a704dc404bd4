import type { Verdict } from '@crosscheck/contracts';
import type { KeptVote, NewAttempt, NewResponse, Recorder, TrialRecord, TrialToRun } from '@crosscheck/store';

/** What a run has so far and has not recorded yet. */
export type TrialRun = {
  trial: TrialToRun;
  attempts: NewAttempt[];
  verdicts: (Verdict & { ordinal: number })[];
  response: NewResponse | null;
  /** what judges answered, of those that have not decided yet */
  votes: KeptVote[];
  /** how long the subject took, when it was asked in this run */
  callMs: number | null;
  /** Commits what there is together with where the trial goes; what was committed is not sent again. */
  commit(to: TrialRecord['to']): Promise<void>;
};

export function openTrialRun(trial: TrialToRun, recorder: Pick<Recorder, 'record'>): TrialRun {
  const run: TrialRun = {
    trial,
    attempts: [],
    verdicts: [],
    response: null,
    votes: [],
    callMs: null,
    async commit(to) {
      const { attempts, verdicts, response, votes } = run;
      await recorder.record({ trialId: trial.id, epoch: trial.epoch, to, response, verdicts, attempts, votes });
      trial.votes.push(...votes);
      trial.attempts.push(
        ...attempts.map(({ startedAt, ...each }) => ({ ...each, startedAt: startedAt.toISOString() })),
      );
      [run.attempts, run.verdicts, run.votes, run.response] = [[], [], [], null];
    },
  };
  return run;
}
