import { findPromptColumns, type Prompt, promptOfRow, TEXT_COLUMNS } from '@crosscheck/contracts';

/** What is wrong with a file of prompts, and in which line of it, from 1. */
export class CsvFault extends Error {
  override readonly name = 'CsvFault';
  readonly line: number;

  constructor(line: number, detail: string) {
    super(`line ${line}: ${detail}`);
    this.line = line;
  }
}

/** @throws CsvFault where the bytes are of another encoding: read kindly, letters of prompts would be lost without a word */
export function readUtf8(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new CsvFault(1, 'the file is not UTF-8: save it as “CSV UTF-8”');
  }
}

type Row = { line: number; cells: string[] };

/**
 * Reads prompts from a CSV file with a head, as `promptOfRow` takes its columns.
 *
 * @throws CsvFault
 */
export function readPromptsCsv(text: string): Prompt[] {
  const [head, ...rows] = readRows(text);
  if (!head) throw new CsvFault(1, 'the file is empty');
  const names = head.cells.map((cell) => cell.trim());
  if (findPromptColumns(names).text < 0)
    throw new CsvFault(head.line, `there is no column ${TEXT_COLUMNS.join(', ')}: it has ${names.join(', ')}`);
  const twice = names.find((name, index) => name !== '' && names.indexOf(name) < index);
  if (twice !== undefined) throw new CsvFault(head.line, `the column ${twice} is there twice`);
  if (rows.length === 0) throw new CsvFault(head.line, 'there is no prompt below the head');
  const seen = new Map<string, number>();
  return rows.map(({ line, cells }, index) => {
    if (cells.length !== names.length) {
      throw new CsvFault(line, `it has ${cells.length} cells, the head has ${names.length}`);
    }
    const prompt = promptOfRow(names, cells, index + 1);
    const before = seen.get(prompt.id);
    if (before !== undefined) throw new CsvFault(line, `the id ${prompt.id} stands in line ${before} already`);
    seen.set(prompt.id, line);
    if (prompt.text.trim() === '') throw new CsvFault(line, `the prompt ${prompt.id} is empty`);
    return prompt;
  });
}

/** Rows of RFC 4180, with the line in which each begins. Empty lines between rows are left out. */
function readRows(text: string): Row[] {
  const rows: Row[] = [];
  const cell = /("(?:[^"]+|"")*"|[^,\r\n"]*)(,|\r\n|\n|\r|$)/gy;
  let row: Row = { line: 1, cells: [] };
  let line = 1;
  cell.lastIndex = text.startsWith('\uFEFF') ? 1 : 0;
  while (cell.lastIndex < text.length || row.cells.length > 0) {
    const match = cell.exec(text);
    if (!match) throw new CsvFault(line, 'a quote is not closed, or stands inside of a cell without quotes around it');
    const [whole, value = '', end = ''] = match;
    row.cells.push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value);
    line += whole.match(/\r\n|\n|\r/g)?.length ?? 0;
    if (end === ',') continue;
    if (row.cells.length > 1 || row.cells[0] !== '') rows.push(row);
    row = { line, cells: [] };
    if (end === '') break;
  }
  return rows;
}
