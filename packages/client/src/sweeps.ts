import type {
  Metrics,
  Outcome,
  Quote,
  SweepAccepted,
  SweepDetail,
  SweepSpec,
  SweepState,
  SweepView,
  TrialView,
} from '@crosscheck/contracts';
import { type EventsOptions, followEvents, type SweepEvent } from './events.ts';
import type { Http } from './http.ts';
import { eachItem } from './pages.ts';
import type { Page, Transcript, TrialFilter } from './wire.ts';

export type ExportFormat = 'ndjson' | 'csv' | 'parquet';

export type SweepsApi = {
  /**
   * Accepts a sweep; trials are planned and run from then on. Under the same key the same sweep comes back, so a submission whose answer
   * was lost is safe to repeat, and is repeated by itself.
   */
  submit(spec: SweepSpec, options: { idempotencyKey: string }): Promise<SweepAccepted>;
  /** What the sweep would plan and cost at most, without running it. */
  quote(spec: SweepSpec): Promise<Quote>;
  /** Newest first. */
  list(filter?: { state?: SweepState | undefined }): AsyncGenerator<SweepView, void, undefined>;
  get(id: string): Promise<SweepDetail>;
  metrics(id: string): Promise<Metrics>;
  /** In the planned order, page after page. */
  trials(id: string, filter?: TrialFilter): AsyncGenerator<TrialView, void, undefined>;
  /** One trial with everything that belongs to it: request, response, parse, verdicts, attempts. */
  trial(trialId: string): Promise<Transcript>;
  /** What happens to a sweep, as it happens; resumes by itself. See `followEvents`. */
  events(id: string, options?: EventsOptions): AsyncGenerator<SweepEvent, void, undefined>;
  /** All trials as one stream of bytes, whatever the size. */
  export(id: string, options?: { format?: ExportFormat; signal?: AbortSignal }): Promise<ReadableStream<Uint8Array>>;
  pause(id: string): Promise<SweepDetail>;
  resume(id: string): Promise<SweepDetail>;
  cancel(id: string): Promise<SweepDetail>;
  /** Plans trials again that ended in one of `outcomes`; the server's default is what failed for want of infrastructure. */
  retry(id: string, options?: { outcomes?: Outcome[] | undefined }): Promise<SweepDetail>;
};

const TRIALS_A_PAGE = 200;
const SWEEPS_A_PAGE = 50;

export function makeSweepsApi(http: Http): SweepsApi {
  const at = (id: string, action = '') => `/v1/sweeps/${encodeURIComponent(id)}${action}`;
  const act = (id: string, action: string, json: unknown = {}) =>
    http.json<SweepDetail>(at(id, `/${action}`), { method: 'POST', json });
  return {
    submit: (spec, { idempotencyKey }) =>
      http.json('/v1/sweeps', { method: 'POST', json: spec, headers: { 'idempotency-key': idempotencyKey } }),
    quote: (spec) => http.json('/v1/sweeps/quote', { method: 'POST', json: spec }),
    list: (filter) =>
      eachItem((after) =>
        http.json<Page<SweepView>>('/v1/sweeps', { query: { ...filter, after, limit: SWEEPS_A_PAGE } }),
      ),
    get: (id) => http.json(at(id)),
    metrics: (id) => http.json(at(id, '/metrics')),
    trials: (id, filter) =>
      eachItem((after) =>
        http.json<Page<TrialView>>(at(id, '/trials'), { query: { ...filter, after, limit: TRIALS_A_PAGE } }),
      ),
    trial: (trialId) => http.json(`/v1/trials/${encodeURIComponent(trialId)}`),
    events: (id, options) => followEvents(http, at(id, '/events'), options),
    async export(id, { format = 'ndjson', signal } = {}) {
      const { body } = await http.send(at(id, '/export'), { query: { format }, headers: { accept: '*/*' }, signal });
      return body ?? new ReadableStream({ start: (controller) => controller.close() });
    },
    pause: (id) => act(id, 'pause'),
    resume: (id) => act(id, 'resume'),
    cancel: (id) => act(id, 'cancel'),
    retry: (id, { outcomes } = {}) => act(id, 'retry', outcomes === undefined ? {} : { outcomes }),
  };
}
