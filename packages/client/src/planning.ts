import type { Comparison, PowerPlan, PowerRequest, SweepDiff } from '@crosscheck/contracts';
import type { Http } from './http.ts';

/** What comes before a sweep, and what comes of two. */
export type PlanningApi = {
  /** How many prompts and samples find a gap. */
  power(request: PowerRequest): Promise<PowerPlan>;
  /** Two sweeps, condition by condition: a − b. */
  compare(a: string, b: string): Promise<Comparison>;
  /** In what two sweeps differ; nothing where they are the same experiment. */
  diff(a: string, b: string): Promise<SweepDiff>;
};

export function makePlanningApi(http: Http): PlanningApi {
  return {
    power: (request) => http.json('/v1/power', { method: 'POST', json: request }),
    compare: (a, b) => http.json('/v1/compare', { query: { a, b } }),
    diff: (a, b) => http.json('/v1/diff', { query: { a, b } }),
  };
}
