import type { ExportRow } from '@crosscheck/store';

export type ExportColumn = { name: string; read: (row: ExportRow) => string | number | boolean | Date | null };

const COLUMNS = [
  'trial',
  'position',
  'model',
  'condition',
  'prompt',
  'sample',
  'state',
  'outcome',
  'settled_at',
  'response',
  'stop_reason',
  'refusal_category',
  'parse_status',
  'answered_by',
  'request_id',
  'request_hash',
  'simulated',
  'purged_at',
  'attempts',
  'cost_pico_usd',
] as const satisfies (keyof ExportRow)[];

/** The columns of a table of trials: what is known of each, and what each grader says. */
export function toExportColumns(graders: string[]): ExportColumn[] {
  return [
    ...COLUMNS.map((name) => ({ name, read: (row: ExportRow) => row[name] })),
    ...graders.map((grader) => ({
      name: `verdict_${grader}`,
      read: (row: ExportRow) => row.verdicts[grader]?.label ?? null,
    })),
  ];
}
