import type { Prompt } from '@crosscheck/contracts';

/** Before the name of a label, as `crosscheck dataset upload` takes them too. */
const LABEL = /^labels?[.:]/;
/** Names that people give to the column of the prompt's text. */
const TEXT_NAMES = ['text', 'prompt', 'question', 'input'];

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
 * Reads prompts from a CSV file with a head: `text` (or prompt, question, input) is the prompt, `id` its name (its number without one), columns
 * named `labels.…` or `label:…` are labels, and every other column is a variable that conditions may place as `{{name}}`.
 *
 * @throws CsvFault
 */
export function readPromptsCsv(text: string): Prompt[] {
  const [head, ...rows] = readRows(text);
  if (!head) throw new CsvFault(1, 'the file is empty');
  const names = head.cells.map((cell) => cell.trim());
  const textAt = names.findIndex((name) => TEXT_NAMES.includes(name.toLowerCase()));
  const idAt = names.findIndex((name) => name.toLowerCase() === 'id');
  if (textAt < 0)
    throw new CsvFault(head.line, `there is no column ${TEXT_NAMES.join(', ')}: it has ${names.join(', ')}`);
  const twice = names.find((name, index) => name !== '' && names.indexOf(name) < index);
  if (twice !== undefined) throw new CsvFault(head.line, `the column ${twice} is there twice`);
  if (rows.length === 0) throw new CsvFault(head.line, 'there is no prompt below the head');
  const seen = new Map<string, number>();
  return rows.map(({ line, cells }, index) => {
    if (cells.length !== names.length) {
      throw new CsvFault(line, `it has ${cells.length} cells, the head has ${names.length}`);
    }
    const id = (idAt < 0 ? '' : (cells[idAt] ?? '').trim()) || `p${index + 1}`;
    const before = seen.get(id);
    if (before !== undefined) throw new CsvFault(line, `the id ${id} stands in line ${before} already`);
    seen.set(id, line);
    const prompt = cells[textAt] ?? '';
    if (prompt.trim() === '') throw new CsvFault(line, `the prompt ${id} is empty`);
    return { id, text: prompt, ...othersOf(names, cells, [textAt, idAt]) };
  });
}

function othersOf(names: string[], cells: string[], taken: number[]): Pick<Prompt, 'variables' | 'labels'> {
  const labels: Record<string, string> = {};
  const variables: Record<string, string> = {};
  for (const [index, name] of names.entries()) {
    const value = cells[index] ?? '';
    if (taken.includes(index) || name === '' || value === '') continue;
    if (LABEL.test(name)) labels[name.replace(LABEL, '').trim()] = value;
    else variables[name.replaceAll(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_')] = value;
  }
  return {
    ...(Object.keys(variables).length > 0 ? { variables } : {}),
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
  };
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
