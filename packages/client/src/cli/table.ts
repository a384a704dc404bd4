import { type Align, cut, pad, plain, widthOf } from './text.ts';

export type Column<Row> = {
  title: string;
  /** what the column shows of a row; it may hold anything, the table makes it plain */
  show: (row: Row) => string;
  align?: Align;
  /** the most columns of the terminal that it may take; default 60 */
  widthMax?: number;
};

const GAP = '  ';

/** Rows as aligned lines under a line of titles, each ended by a newline. Without rows it is empty. */
export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  if (rows.length === 0) return '';
  const cells = rows.map((row) => columns.map((column) => cut(plain(column.show(row)), column.widthMax ?? 60)));
  const widths = columns.map((column, index) =>
    Math.max(widthOf(column.title), ...cells.map((line) => widthOf(line[index] ?? ''))),
  );
  const toLine = (texts: readonly string[]) =>
    texts
      .map((text, index) => pad(text, widths[index] ?? 0, columns[index]?.align))
      .join(GAP)
      .trimEnd();
  const lines = [columns.map((column) => column.title), widths.map((width) => '─'.repeat(width)), ...cells];
  return lines.map((line) => `${toLine(line)}\n`).join('');
}
