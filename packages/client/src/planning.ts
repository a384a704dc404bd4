import type { Comparison, PowerPlan, PowerRequest, Report, SweepDiff } from '@crosscheck/contracts';
import type { Http } from './http.ts';

/** What comes before a sweep, and what is made of one or two that have run. */
export type PlanningApi = {
  /** How many prompts and samples find a gap. */
  power(request: PowerRequest): Promise<PowerPlan>;
  /** Two sweeps, condition by condition: a − b. */
  compare(a: string, b: string): Promise<Comparison>;
  /** In what two sweeps differ; nothing where they are the same experiment. */
  diff(a: string, b: string): Promise<SweepDiff>;
  /** A sweep as a document: its numbers, how they were made, and what they do not say. */
  report(id: string): Promise<Report>;
  /** The same as one HTML file that needs nothing else. */
  reportPage(id: string): Promise<string>;
};

export function makePlanningApi(http: Http): PlanningApi {
  const reportOf = (id: string) => `/v1/sweeps/${encodeURIComponent(id)}/report`;
  return {
    power: (request) => http.json('/v1/power', { method: 'POST', json: request }),
    compare: (a, b) => http.json('/v1/compare', { query: { a, b } }),
    diff: (a, b) => http.json('/v1/diff', { query: { a, b } }),
    report: (id) => http.json(reportOf(id), { query: { format: 'json' } }),
    async reportPage(id) {
      const response = await http.send(reportOf(id), { query: { format: 'html' }, headers: { accept: 'text/html' } });
      return response.text();
    },
  };
}
