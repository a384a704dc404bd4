import { CrosscheckError, type ErrorHint, type LabelView, NewLabel, findFaults } from '@crosscheck/contracts';
import type { IncomingLabel } from '@crosscheck/store';
import { CsvError, type Info, parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { Check } from 'typebox/value';
import { quoteFormula, unquoteFormula } from '../export/formulas.ts';
import { findUnstorable, UNSTORABLE } from '../http/ndjson.ts';
import { toIncoming } from './incoming.ts';

const NEEDED = ['trial', 'measure', 'label', 'labeller'];
const OPTIONAL = ['codebook', 'blind', 'note', 'at'];
/** What an export says beside the label, for people; it is not read back. */
const CONTEXT = ['model', 'condition', 'prompt', 'sample', 'stale', 'id'];
const COLUMNS = [...NEEDED, ...OPTIONAL, ...CONTEXT] as (keyof LabelView)[];

/** The labels of a CSV file with a header, each with its line. @throws CrosscheckError LABEL_INVALID with the line that is wrong */
export function readLabelsCsv(text: string, rowsMax: number): IncomingLabel[] {
  const rows = parseRows(text);
  if (rows.length === 0) {
    const expected = `a line of columns (${NEEDED.join(', ')}) and a line for each label`;
    throw new CrosscheckError('LABEL_INVALID', 'the file has no label', { line: 1, expected });
  }
  if (rows.length > rowsMax) {
    throw new CrosscheckError('BODY_TOO_LARGE', `the file has ${rows.length} labels`, {
      expected: `at most ${rowsMax}`,
    });
  }
  return rows.map(({ record, info }) => toLabel(record, { line: info.lines }));
}

type Row = { record: Record<string, string>; info: Info };

function parseRows(text: string): Row[] {
  try {
    const options = { bom: true, columns: requireColumns, info: true, skip_empty_lines: true, trim: true } as const;
    return parse(text, options) as unknown as Row[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { lines = 1 } = error as { lines?: number };
    const expected = 'as many values as there are columns, and a quote that ends for each that begins';
    throw new CrosscheckError('LABEL_INVALID', `line ${lines} is not CSV: ${error.message}`, { line: lines, expected });
  }
}

function requireColumns(header: string[]): string[] {
  const columns = header.map((column) => column.trim());
  const missing = NEEDED.find((column) => !columns.includes(column));
  const unknown = columns.find((column) => !(COLUMNS as string[]).includes(column));
  const twice = columns.find((column, index) => columns.indexOf(column) < index);
  if (missing === undefined && unknown === undefined && twice === undefined) return columns;
  const detail =
    missing !== undefined
      ? `the column "${missing}" is missing`
      : unknown !== undefined
        ? `there is no column "${unknown}"`
        : `the column "${twice}" is there twice`;
  throw new CrosscheckError('LABEL_INVALID', `line 1: ${detail}`, {
    line: 1,
    got: columns,
    expected: `${NEEDED.join(', ')}, and optionally ${OPTIONAL.join(', ')}`,
  });
}

function toLabel(record: Record<string, string>, where: ErrorHint): IncomingLabel {
  const given = Object.entries(record)
    .filter(([column, value]) => !(CONTEXT as string[]).includes(column) && value !== '')
    .map(([column, value]) => [column, unquoteFormula(value)] as const);
  const { blind, ...rest } = Object.fromEntries(given);
  const document = {
    ...rest,
    ...(blind === undefined ? {} : { blind: BOOLEANS[blind.toLowerCase()] ?? blind }),
  };
  const field = findUnstorable(document, '');
  if (field !== null) throw refuse(`${field} ${UNSTORABLE}`, { ...where, field });
  if (Check(NewLabel, document)) return toIncoming(document, where);
  const [fault] = findFaults(NewLabel, document);
  const { detail, ...hint } = fault ?? { detail: 'is no label' };
  throw refuse(hint.expected === undefined ? detail : `${detail}, expected ${hint.expected}`, { ...where, ...hint });
}

const BOOLEANS: Record<string, boolean> = { true: true, yes: true, '1': true, false: false, no: false, '0': false };

const refuse = (detail: string, hint: ErrorHint): CrosscheckError =>
  new CrosscheckError('LABEL_INVALID', `line ${hint.line}: ${detail}`, hint);

/** A cell that a spreadsheet would run as a formula is quoted, and read back without the quote. */
export function toLabelsCsv(labels: readonly LabelView[]): string {
  return stringify([...labels], {
    header: true,
    columns: [...COLUMNS],
    cast: { string: quoteFormula, boolean: String },
  });
}
