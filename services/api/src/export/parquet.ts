import type { ExportRow } from '@crosscheck/store';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { toExportColumns } from './columns.ts';

/** A row group is closed by whichever comes first: it is what stands in memory at once. */
const GROUP_ROWS_MAX = 5_000;
const GROUP_CHARACTERS_MAX = 16_000_000;
/** Statistics of a column of answers would otherwise hold whole answers, in the footer. */
const STATISTICS_BYTES_MAX = 64;

type ColumnType = 'INT32' | 'BOOLEAN' | 'TIMESTAMP' | 'STRING';

/** The columns that are no text; a trial's id and money stay text, for they may be beyond what a double keeps. */
const TYPES: Record<string, ColumnType> = {
  position: 'INT32',
  sample: 'INT32',
  attempts: 'INT32',
  simulated: 'BOOLEAN',
  settled_at: 'TIMESTAMP',
  purged_at: 'TIMESTAMP',
};

/** Rows as a Parquet file, a row group at a time: memory holds one group, whatever the size of the sweep. */
export async function* toParquet(rows: AsyncIterable<ExportRow>, graders: string[]): AsyncGenerator<Uint8Array> {
  const columns = toExportColumns(graders);
  const bytes = new ByteWriter();
  const schema = [
    { name: 'root', num_children: columns.length },
    ...columns.map(({ name }) => toElement(name, TYPES[name] ?? 'STRING')),
  ];
  const writer = new ParquetWriter({ writer: bytes, schema, statisticsTruncateLength: STATISTICS_BYTES_MAX });

  for await (const group of toGroups(rows)) {
    const columnData = columns.map(({ name, read }) => ({ name, data: group.map((row) => read(row) ?? undefined) }));
    await writer.write({ columnData, rowGroupSize: GROUP_ROWS_MAX });
    yield take(bytes);
  }
  await writer.finish();
  yield take(bytes);
}

function toElement(name: string, type: ColumnType) {
  const common = { name, repetition_type: 'OPTIONAL' as const };
  if (type === 'STRING') return { ...common, type: 'BYTE_ARRAY' as const, converted_type: 'UTF8' as const };
  if (type === 'TIMESTAMP') return { ...common, type: 'INT64' as const, converted_type: 'TIMESTAMP_MILLIS' as const };
  return { ...common, type };
}

async function* toGroups(rows: AsyncIterable<ExportRow>): AsyncGenerator<ExportRow[]> {
  let group: ExportRow[] = [];
  let characters = 0;
  for await (const row of rows) {
    group.push(row);
    characters += row.response?.length ?? 0;
    if (group.length < GROUP_ROWS_MAX && characters < GROUP_CHARACTERS_MAX) continue;
    yield group;
    [group, characters] = [[], 0];
  }
  if (group.length > 0) yield group;
}

/** What was written since the last time. The writer goes on counting its offset, and uses the buffer again: hence the copy. */
function take(bytes: ByteWriter): Uint8Array {
  const chunk = bytes.getBytes().slice();
  bytes.index = 0;
  return chunk;
}
