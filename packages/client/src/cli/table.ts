import { type Align, cut, pad, plain, widthOf } from './text.ts';

export type Column<Row> = {
  title: string;
  /** what the column shows of a row; it may hold anything, the table makes it plain */
  show: (row: Row) => string;
  align?: Align;
  /** the most columns of the terminal that it may take; default 60 */
  widthMax?: number;
  /** is left out where the terminal is too narrow, the rightmost one first */
  spare?: boolean;
};

const GAP = '  ';

/**
 * Rows as aligned lines under a line of titles, each ended by a newline. Without rows it is empty.
 *
 * @param width columns of the terminal; a table that cannot be made to fit is as wide as it is
 */
export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width = Infinity): string {
  if (rows.length === 0) return '';
  const { lines, width: needed } = layOut(columns, rows);
  const spare = columns.findLast((column) => column.spare === true);
  if (needed <= width || spare === undefined) return lines.map((line) => `${line}\n`).join('');
  return renderTable(
    columns.filter((column) => column !== spare),
    rows,
    width,
  );
}

function layOut<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): { lines: string[]; width: number } {
  const cells = rows.map((row) => columns.map((column) => cut(plain(column.show(row)), column.widthMax ?? 60)));
  const widths = columns.map((column, index) =>
    Math.max(widthOf(column.title), ...cells.map((line) => widthOf(line[index] ?? ''))),
  );
  const toLine = (texts: readonly string[]) =>
    texts
      .map((text, index) => pad(text, widths[index] ?? 0, columns[index]?.align))
      .join(GAP)
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width));
  return {
    lines: [columns.map((column) => column.title), rule, ...cells].map(toLine),
    width: widthOf(rule.join(GAP)),
  };
}
