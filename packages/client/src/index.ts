export { type Client, makeClient } from './client.ts';
export type { Fetch, HttpOptions } from './http.ts';
export { ProblemError, UnexpectedAnswerError, UnreachableError } from './problem-error.ts';
export type { EventsOptions, SweepEvent } from './events.ts';
export type { ExportFormat, SweepsApi } from './sweeps.ts';
export type { DatasetsApi } from './datasets.ts';
export type { OpsApi } from './ops.ts';
export type { AdminApi } from './admin.ts';
export type { ApiKey, DeadLetterGroup, MovedSweep, Page, QueueView, Team, Transcript, TrialFilter } from './wire.ts';
