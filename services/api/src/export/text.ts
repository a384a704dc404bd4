import { Readable } from 'node:stream';
import type { ExportRow } from '@crosscheck/store';
import { stringify } from 'csv-stringify';
import { type ExportColumn, toExportColumns } from './columns.ts';
import { quoteFormula } from './formulas.ts';

const CHUNK_CHARACTERS = 65_536;

/** One JSON document a line. */
export async function* toNdjson(rows: AsyncIterable<ExportRow>): AsyncGenerator<string> {
  let chunk = '';
  for await (const row of rows) {
    chunk += `${JSON.stringify(row)}\n`;
    if (chunk.length < CHUNK_CHARACTERS) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

/** A table with a header. A cell that a spreadsheet would run as a formula is quoted: answers are not ours to trust. */
export function toCsv(rows: AsyncIterable<ExportRow>, graders: string[]): Readable {
  const columns = toExportColumns(graders);
  const csv = stringify({
    header: true,
    columns: columns.map(({ name }) => name),
    cast: { string: quoteFormula, date: (date) => date.toISOString(), boolean: String },
  });
  const source = Readable.from(toCells(rows, columns));
  // A reader who leaves closes the way back to Postgres with it.
  csv.on('close', () => source.destroy());
  source.on('error', (error) => csv.destroy(error));
  return source.pipe(csv);
}

async function* toCells(rows: AsyncIterable<ExportRow>, columns: ExportColumn[]): AsyncGenerator<unknown[]> {
  for await (const row of rows) yield columns.map(({ read }) => read(row));
}
