import type { GlobalOptions } from './action.ts';
import { EXIT, type ExitCode } from './failure.ts';
import { type Column, renderTable } from './table.ts';
import { type Terminal, write } from './terminal.ts';

type Rows<Row> = {
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  /** said when there are none */ none: string;
};

/** Ends a command that lists: a table as wide as the terminal, or with `--json` the items. */
export async function showRows<Row>(
  terminal: Terminal,
  { json }: GlobalOptions,
  { rows, columns, none }: Rows<Row>,
): Promise<ExitCode> {
  const text = () => renderTable(columns, rows, terminal.stdout.columns) || `${none}\n`;
  await write(terminal.stdout, json ? `${JSON.stringify({ items: rows })}\n` : text());
  return EXIT.ok;
}

/** Ends a command that made or changed one thing: its row, or with `--json` the thing itself. */
export async function showRow<Row>(
  terminal: Terminal,
  { json }: GlobalOptions,
  { row, columns }: { row: Row; columns: readonly Column<Row>[] },
): Promise<ExitCode> {
  const text = () => renderTable(columns, [row], terminal.stdout.columns);
  await write(terminal.stdout, json ? `${JSON.stringify(row)}\n` : text());
  return EXIT.ok;
}
