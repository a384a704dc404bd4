import type {
  DeletedSweep,
  Extended,
  ExtensionSpec,
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
import { postNdjson } from './upload.ts';
import { toNdjson } from './ndjson.ts';
import type { MovedSweep, Page, Transcript, TrialFilter } from './wire.ts';

export type ExportFormat = 'ndjson' | 'csv' | 'parquet';

export type ImportedSweep = Pick<SweepView, 'id' | 'state'> & { trials: number; prompts: number };

export type SweepsApi = {
  /**
   * Accepts a sweep; trials are planned and run from then on. Under the same key the same sweep comes back, so a submission whose answer
   * was lost is safe to repeat, and is repeated by itself.
   */
  submit(spec: SweepSpec, options: { idempotencyKey: string }): Promise<SweepAccepted>;
  /** Labelled trials from elsewhere become a finished sweep: first a document of type `sweep`, then one of type `trial` for each. */
  import(documents: AsyncIterable<object> | Iterable<object>): Promise<ImportedSweep>;
  /** What the sweep would plan and cost at most, without running it. */
  quote(spec: SweepSpec): Promise<Quote & { warnings: string[] }>;
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
  pause(id: string, options?: { reason?: string }): Promise<MovedSweep>;
  resume(id: string): Promise<MovedSweep>;
  cancel(id: string, options?: { reason?: string }): Promise<MovedSweep>;
  /** Runs trials again that ended in one of `outcomes`; by default what infrastructure or a judge failed. */
  retry(id: string, options?: { outcomes?: Outcome[] | undefined }): Promise<MovedSweep & { trials: number }>;
  /** Adds samples, prompts or both behind what the sweep has. Under the same key it happens once. */
  extend(id: string, extension: ExtensionSpec, options: { idempotencyKey: string }): Promise<Extended>;
  /** Deletes a finished sweep; what is answered stays of it. Deleting it again answers the same. */
  delete(id: string): Promise<DeletedSweep>;
};

const TRIALS_A_PAGE = 200;
const SWEEPS_A_PAGE = 50;

export function makeSweepsApi(http: Http): SweepsApi {
  const at = (id: string, action = '') => `/v1/sweeps/${encodeURIComponent(id)}${action}`;
  const act = <Moved = MovedSweep>(id: string, action: string, json: object = {}) =>
    http.json<Moved>(at(id, `/${action}`), { method: 'POST', json });
  return {
    submit: (spec, { idempotencyKey }) =>
      http.json('/v1/sweeps', { method: 'POST', json: spec, headers: { 'idempotency-key': idempotencyKey } }),
    import: (documents) => postNdjson(http, '/v1/imports', toNdjson(documents)),
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
    pause: (id, options) => act(id, 'pause', options),
    resume: (id) => act(id, 'resume'),
    cancel: (id, options) => act(id, 'cancel', options),
    extend: (id, extension, { idempotencyKey }) =>
      http.json(at(id, '/extend'), {
        method: 'POST',
        json: extension,
        headers: { 'idempotency-key': idempotencyKey },
      }),
    delete: (id) => http.json(at(id), { method: 'DELETE' }),
    retry: (id, { outcomes } = {}) => act(id, 'retry', outcomes === undefined ? {} : { outcomes }),
  };
}
