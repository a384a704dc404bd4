import type { Verdict } from '@crosscheck/contracts';
import type { NewAttempt, NewResponse, Recorder, TrialRecord, TrialToRun } from '@crosscheck/store';

/** What a run has so far and has not recorded yet. */
export type TrialRun = {
  trial: TrialToRun;
  attempts: NewAttempt[];
  verdicts: (Verdict & { ordinal: number })[];
  response: NewResponse | null;
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
    callMs: null,
    async commit(to) {
      const { attempts, verdicts, response } = run;
      await recorder.record({ trialId: trial.id, epoch: trial.epoch, to, response, verdicts, attempts });
      trial.attempts.push(
        ...attempts.map(({ startedAt, ...each }) => ({ ...each, startedAt: startedAt.toISOString() })),
      );
      [run.attempts, run.verdicts, run.response] = [[], [], null];
    },
  };
  return run;
}
