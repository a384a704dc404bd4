import type { Matrix, Metrics, Quote, Report, SweepAccepted, SweepDetail, SweepView } from '@crosscheck/contracts';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call, withQuery } from './http.ts';

type Page<Item> = { items: Item[]; next: string | null };

const PAGE_ROWS = 50;
const LIST_EVERY_MS = 3_000;
/** Waits, the pace and the cache are read again this often while a sweep runs; counts and metrics come by events. */
const DETAIL_EVERY_MS = 5_000;
const MATRIX_EVERY_MS = 5_000;

const isMoving = (state: string | undefined): boolean => state === 'running' || state === 'planning';

type SweepFilter = { state?: string | undefined; text?: string | undefined; after?: string | undefined };
export const sweepsQuery = ({ state, text, after }: SweepFilter) =>
  queryOptions({
    queryKey: ['sweeps', { state, text, after }],
    queryFn: ({ signal }) =>
      call<Page<SweepView>>(withQuery('/v1/sweeps', { state, text, after, limit: PAGE_ROWS }), { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state: { data } }) =>
      data?.items.some((sweep) => isMoving(sweep.state)) ? LIST_EVERY_MS : LIST_EVERY_MS * 5,
  });

export const sweepQuery = (id: string) =>
  queryOptions({
    queryKey: ['sweep', id],
    queryFn: ({ signal }) => call<SweepDetail>(`/v1/sweeps/${id}`, { signal }),
    refetchInterval: ({ state: { data } }) => (isMoving(data?.state) ? DETAIL_EVERY_MS : false),
  });

export const metricsQuery = (id: string) =>
  queryOptions({
    queryKey: ['sweep', id, 'metrics'],
    queryFn: ({ signal }) => call<Metrics>(`/v1/sweeps/${id}/metrics`, { signal }),
  });

export const matrixQuery = (id: string, grader: string | undefined, state: string | undefined) =>
  queryOptions({
    queryKey: ['sweep', id, 'matrix', grader],
    queryFn: ({ signal }) => call<Matrix>(withQuery(`/v1/sweeps/${id}/matrix`, { grader }), { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: isMoving(state) ? MATRIX_EVERY_MS : false,
  });

export const reportQuery = (id: string) =>
  queryOptions({
    queryKey: ['sweep', id, 'report'],
    queryFn: ({ signal }) => call<Report>(`/v1/sweeps/${id}/report?format=json`, { signal }),
    staleTime: 30_000,
  });

export type Act = 'pause' | 'resume' | 'cancel' | 'retry' | 'extend';
/** Without a body the api does what it does by default. */
export const act = (id: string, what: Act, body?: unknown): Promise<{ state: string }> =>
  call(`/v1/sweeps/${id}/${what}`, { method: 'POST', ...(body === undefined ? {} : { body }) });

export const setBudget = (id: string, usd: number): Promise<{ state: string }> =>
  call(`/v1/sweeps/${id}/budget`, { method: 'PUT', body: { usd } });

export type QuoteWithWarnings = Quote & { warnings: string[] };
export const quote = (spec: unknown, signal?: AbortSignal): Promise<QuoteWithWarnings> =>
  call('/v1/sweeps/quote', { method: 'POST', body: spec, ...(signal ? { signal } : {}) });

/** @param idempotencyKey the same for the same submission, so that a second click finds the sweep of the first */
export const submit = (spec: unknown, idempotencyKey: string): Promise<SweepAccepted> =>
  call('/v1/sweeps', { method: 'POST', body: spec, headers: { 'idempotency-key': idempotencyKey } });
