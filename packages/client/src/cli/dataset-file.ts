import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream';
import { findPromptColumns, type Prompt, promptOfRow, TEXT_COLUMNS } from '@crosscheck/contracts';
import { CsvError, type Info, parse } from 'csv-parse';
import { toNdjson } from '../ndjson.ts';
import { UsageError } from './failure.ts';

/** A dataset on disk, as the NDJSON that an upload wants. */
export type DatasetFile = { name: string; lines: AsyncIterable<Uint8Array> };

/**
 * Opens a dataset of prompts. `.jsonl` and `.ndjson` go up as they are, so the server's line numbers are the file's; `.csv` and `.tsv` are
 * read row by row, as `promptOfRow` takes their columns.
 *
 * @throws UsageError when the file is absent or of another kind; the stream fails with one for a row that is not a prompt
 */
export async function openDatasetFile(file: string, name?: string): Promise<DatasetFile> {
  const { ext, name: stem } = path.parse(file);
  if (!(await isFile(file))) throw new UsageError(`the dataset ${file} does not exist`);
  return { name: name ?? stem, lines: readLines(file, ext.toLowerCase()) };
}

/** The file is opened when the first line is asked for, so an upload that never starts leaves nothing open. */
function readLines(file: string, kind: string): AsyncIterable<Uint8Array> {
  switch (kind) {
    case '.jsonl':
    case '.ndjson':
      return readBytes(file);
    case '.csv':
      return toNdjson(readCsv(file, ','));
    case '.tsv':
      return toNdjson(readCsv(file, '\t'));
    default:
      throw new UsageError(`the dataset ${file} is of no known kind: expected .jsonl, .ndjson, .csv or .tsv`);
  }
}

async function* readBytes(file: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield* createReadStream(file);
}

type Row = { record: Record<string, string>; info: Info };

async function* readCsv(file: string, delimiter: string): AsyncGenerator<Prompt, void, undefined> {
  const columns = (header: string[]) => requireUnlike(header, file);
  const parser = parse({ bom: true, columns, delimiter, info: true, skip_empty_lines: true, trim: true });
  // An error of the file destroys the parser with it, so the loop below is where every error comes out.
  const rows: AsyncIterable<Row> = pipeline(readText(file), parser, () => {});
  try {
    for await (const { record, info } of rows) yield toPrompt(record, info.records, `${file}:${info.lines}`);
  } catch (error) {
    throw error instanceof CsvError ? new UsageError(`${file} is not CSV: ${error.message}`) : error;
  }
}

/** A decoder that is kind would put a mark for every byte that it does not know, and models would be asked with letters gone. */
async function* readText(file: string): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (bytes?: Buffer) => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch {
      throw new UsageError(`${file} is not UTF-8: save it as "CSV UTF-8"`);
    }
  };
  for await (const bytes of createReadStream(file)) yield decode(bytes as Buffer);
  yield decode();
}

function requireUnlike(header: string[], file: string): string[] {
  const twice = header.find((column, index) => header.indexOf(column) < index);
  if (twice === undefined) return header;
  throw new UsageError(`${file}:1: the column "${twice}" is there twice`);
}

function toPrompt(record: Record<string, string>, row: number, where: string): Prompt {
  const names = Object.keys(record);
  const column = names[findPromptColumns(names).text];
  if (column === undefined) {
    const [usual, ...others] = TEXT_COLUMNS;
    throw new UsageError(
      `${where}: there is no column "${usual}" (or "${others.join('", "')}"), only ${names.join(', ')}`,
    );
  }
  if (record[column] === '') throw new UsageError(`${where}: the column "${column}" is empty`);
  return promptOfRow(names, Object.values(record), row);
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}
