export { type Client, makeClient } from './client.ts';
export type { Fetch, HttpOptions } from './http.ts';
export { ProblemError, UnexpectedAnswerError, UnreachableError } from './problem-error.ts';
export type { EventsOptions, SweepEvent } from './events.ts';
export type { ExportFormat, SweepsApi } from './sweeps.ts';
export type { DatasetsApi } from './datasets.ts';
export type { OpsApi } from './ops.ts';
export type { AdminApi } from './admin.ts';
export type { ApiKey, MovedSweep, Page, QueueView, Team, Transcript, TrialFilter } from './wire.ts';
// What the command shows to people, for other programs that talk to one.
export { watchSweep } from './cli/watch.ts';
export { makeLiveProgress, type LiveProgress } from './cli/live-progress.ts';
export { renderMetrics, type ReportOptions } from './cli/report.ts';
export { renderQuote } from './cli/quote-text.ts';
export { renderTable, type Column } from './cli/table.ts';
export { count, duration, percent, points, range, usd } from './cli/format.ts';
export { plain } from './cli/text.ts';
export { EXIT, type ExitCode, toMessage, UsageError } from './cli/failure.ts';
export { hasColours, type Output, type Terminal } from './cli/terminal.ts';
