import type {
  AuditEntry,
  DeadLetterGroup,
  LanesChanged,
  LaneSpec,
  LaneUse,
  LaneView,
  Queues,
  Quotas,
  Replayed,
  ReplayRequest,
  TeamView,
} from '@crosscheck/contracts';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call, withQuery } from './http.ts';

type Page<Item> = { items: Item[]; next: string | null };
/** Calls in flight as they were seen: the ledger knows calls only once they have ended. */
export type Level = { atMs: number; inFlight: Record<string, number> };
export type LanesNow = { lanes: LaneView[]; levels: Level[] };

const LANES_EVERY_MS = 2_000;
const USE_EVERY_MS = 5_000;
const QUEUES_EVERY_MS = 2_000;
const SLOW_EVERY_MS = 5_000;
const PAGE_ROWS = 50;
export const WINDOW_MINUTES = 10;

/** Lanes as they are, and how many calls were in flight each time that this page has looked. */
export const lanesQuery = queryOptions({
  queryKey: ['ops', 'lanes'],
  queryFn: async ({ client, signal }): Promise<LanesNow> => {
    const { items } = await call<{ items: LaneView[] }>('/v1/lanes', { signal });
    const before = client.getQueryData<LanesNow>(['ops', 'lanes'])?.levels ?? [];
    const nowMs = Date.now();
    const inFlight = Object.fromEntries(items.map(({ id, budget }) => [id, budget?.inFlight ?? 0]));
    const fresh = before.filter(({ atMs }) => atMs > nowMs - WINDOW_MINUTES * 60_000);
    return { lanes: items, levels: [...fresh, { atMs: nowMs, inFlight }] };
  },
  // What was seen is history: it is not to be lost while another page is open.
  gcTime: WINDOW_MINUTES * 60_000,
  refetchInterval: LANES_EVERY_MS,
});

export const laneUseQuery = queryOptions({
  queryKey: ['ops', 'lane-use'],
  queryFn: ({ signal }) => call<LaneUse>(withQuery('/v1/lane-use', { minutes: WINDOW_MINUTES }), { signal }),
  refetchInterval: USE_EVERY_MS,
});

export const queuesQuery = queryOptions({
  queryKey: ['ops', 'queues'],
  queryFn: ({ signal }) => call<Queues>('/v1/queues', { signal }),
  refetchInterval: QUEUES_EVERY_MS,
});

export const teamsQuery = queryOptions({
  queryKey: ['ops', 'teams'],
  queryFn: ({ signal }) => call<{ items: TeamView[] }>('/v1/teams', { signal }),
  refetchInterval: SLOW_EVERY_MS,
});

/** What is left out stays; null is no cap, no quota. */
export type TeamChange = {
  weight?: number | undefined;
  monthlyBudgetUsd?: number | null | undefined;
  quotas?: Quotas;
};
export const changeTeam = (id: string, change: TeamChange): Promise<TeamView> =>
  call(`/v1/teams/${id}`, { method: 'PUT', body: change });

export const deadLettersQuery = (filter: { lane?: string | undefined; code?: string | undefined }, after?: string) =>
  queryOptions({
    queryKey: ['ops', 'dead-letters', filter, after],
    queryFn: ({ signal }) =>
      call<Page<DeadLetterGroup>>(withQuery('/v1/dead-letters', { ...filter, after, limit: PAGE_ROWS }), { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: SLOW_EVERY_MS,
  });

export type AuditWords = 'action' | 'subject' | 'team' | 'key' | 'since' | 'until' | 'after';
export const auditQuery = (words: { [Word in AuditWords]?: string | undefined }) =>
  queryOptions({
    queryKey: ['ops', 'audit', words],
    queryFn: ({ signal }) => call<Page<AuditEntry>>(withQuery('/v1/audit', { ...words, limit: PAGE_ROWS }), { signal }),
    placeholderData: keepPreviousData,
    // An older page never changes.
    refetchInterval: words.after === undefined ? SLOW_EVERY_MS : false,
  });

/** Names of lanes hold slashes, and are parts of the path as they stand. */
const laneUrl = (lane: string): string => `/v1/lanes/${lane.split('/').map(encodeURIComponent).join('/')}`;

export const setLimits = (lane: string, limits: LaneSpec): Promise<LaneView> =>
  call(laneUrl(lane), { method: 'PUT', body: limits });

/** @param lane null is all of them */
export const actOnLane = (
  lane: string | null,
  act: 'pause' | 'resume',
  reason?: string,
): Promise<LaneView | LanesChanged> =>
  call(`${lane === null ? '/v1/lanes' : laneUrl(lane)}/${act}`, {
    method: 'POST',
    body: reason === undefined ? {} : { reason },
  });

export const replay = (request: ReplayRequest): Promise<Replayed> =>
  call('/v1/dead-letters/replay', { method: 'POST', body: request });
