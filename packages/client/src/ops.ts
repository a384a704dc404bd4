import {
  type DeadLetterGroup,
  type LanesChanged,
  type LaneSpec,
  type LaneView,
  parseModelRef,
  type Provider,
  type ProviderSpec,
  type Queues,
  type Replayed,
  type ReplayRequest,
} from '@crosscheck/contracts';
import type { Http } from './http.ts';
import { eachItem } from './pages.ts';
import type { Page } from './wire.ts';

/** Which dead letters; what is left out matches all that the key may see. */
export type DeadLetterFilter = Omit<ReplayRequest, 'dryRun'>;

/** What operators do: where models live, what a lane may spend, how the conveyor is. */
export type OpsApi = {
  providers: {
    list(): AsyncGenerator<Provider, void, undefined>;
    get(id: string): Promise<Provider>;
    put(id: string, spec: ProviderSpec): Promise<Provider>;
  };
  /** A lane is named `provider/model`. */
  lanes: {
    list(): AsyncGenerator<LaneView, void, undefined>;
    get(lane: string): Promise<LaneView>;
    put(lane: string, spec: LaneSpec): Promise<LaneView>;
    pause(lane: string, options?: { reason?: string | undefined }): Promise<LaneView>;
    resume(lane: string): Promise<LaneView>;
    /** Pauses every lane; one that is paused already keeps its reason. */
    pauseAll(options?: { reason?: string | undefined }): Promise<LanesChanged>;
    /** Resumes every lane, or those that are paused for that reason. */
    resumeAll(options?: { reason?: string | undefined }): Promise<LanesChanged>;
  };
  queues: { get(): Promise<Queues> };
  deadLetters: {
    /** Trials that failed for good by cause, latest first. */
    list(filter?: DeadLetterFilter): AsyncGenerator<DeadLetterGroup, void, undefined>;
    /** Plans them again; a dry run changes nothing and answers the same. */
    replay(request: ReplayRequest): Promise<Replayed>;
  };
};

export function makeOpsApi(http: Http): OpsApi {
  const each = <Item>(path: string) => eachItem((after) => http.json<Page<Item>>(path, { query: { after } }));
  const provider = (id: string) => `/v1/providers/${encodeURIComponent(id)}`;
  return {
    providers: {
      list: () => each('/v1/providers'),
      get: (id) => http.json(provider(id)),
      put: (id, spec) => http.json(provider(id), { method: 'PUT', json: spec }),
    },
    lanes: {
      list: () => each('/v1/lanes'),
      get: (lane) => http.json(toLanePath(lane)),
      put: (lane, spec) => http.json(toLanePath(lane), { method: 'PUT', json: spec }),
      pause: (lane, options = {}) => http.json(`${toLanePath(lane)}/pause`, { method: 'POST', json: options }),
      resume: (lane) => http.json(`${toLanePath(lane)}/resume`, { method: 'POST', json: {} }),
      pauseAll: (options = {}) => http.json('/v1/lanes/pause', { method: 'POST', json: options }),
      resumeAll: (options = {}) => http.json('/v1/lanes/resume', { method: 'POST', json: options }),
    },
    queues: { get: () => http.json('/v1/queues') },
    deadLetters: {
      list: (filter) =>
        eachItem((after) => http.json<Page<DeadLetterGroup>>('/v1/dead-letters', { query: { ...filter, after } })),
      replay: (request) => http.json('/v1/dead-letters/replay', { method: 'POST', json: request }),
    },
  };
}

/** Names of open-weight models hold slashes of their own. */
function toLanePath(lane: string): string {
  const ref = parseModelRef(lane);
  if (ref === null) throw new TypeError(`a lane is named provider/model, got "${lane}"`);
  return `/v1/lanes/${encodeURIComponent(ref.provider)}/${encodeURIComponent(ref.model)}`;
}
