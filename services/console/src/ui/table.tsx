import type { ReactElement, ReactNode } from 'react';

/** One column: what stands at its head, and what it makes of a row. */
export type Column<Row> = {
  head: ReactNode;
  cell: (row: Row) => ReactNode;
  /** `name`: the heading of its row; `number`: to the right, in digits of one width. Text where it is left out */
  kind?: 'name' | 'number';
  /** what the head means, said where the pointer rests */
  title?: string;
  /** the same for one cell */
  cellTitle?: (row: Row) => string | undefined;
  headClass?: string;
  cellClass?: string | ((row: Row) => string);
};

type Frame<Row> = {
  columns: readonly Column<Row>[];
  keyOf: (row: Row, index: number) => string | number;
  /** a further class of the table, and of the box that it scrolls in */
  className?: string;
  wrapClass?: string;
  /** names the box and lets the keyboard scroll it: for tables that are wide on every screen */
  label?: string;
};

/** Rows by columns, in a box of their own that scrolls where the page is narrower. */
export function Table<Row>({ rows, ...frame }: Frame<Row> & { rows: readonly Row[] }): ReactElement {
  return (
    <Framed {...frame}>
      <tbody>
        <Rows {...frame} rows={rows} />
      </tbody>
    </Framed>
  );
}

export type Group<Row> = { key: string; head: ReactNode; rows: readonly Row[] };

/** A table whose rows lie in groups, each under a heading across all columns. */
export function GroupedTable<Row>({ groups, ...frame }: Frame<Row> & { groups: readonly Group<Row>[] }): ReactElement {
  return (
    <Framed {...frame}>
      {groups.map(({ key, head, rows }) => (
        <tbody key={key}>
          <tr className="group">
            <th scope="rowgroup" colSpan={frame.columns.length}>
              {head}
            </th>
          </tr>
          <Rows {...frame} rows={rows} />
        </tbody>
      ))}
    </Framed>
  );
}

function Framed<Row>({
  columns,
  className,
  wrapClass,
  label,
  children,
}: Frame<Row> & { children: ReactNode }): ReactElement {
  const region = label === undefined ? {} : { tabIndex: 0, role: 'region', 'aria-label': label };
  return (
    <div className={classes('table-wrap', wrapClass)} {...region}>
      <table className={classes('table', className)}>
        <thead>
          <tr>
            {columns.map(({ head, kind, title, headClass }, index) => (
              <th key={index} scope="col" className={classes(ofKind(kind), headClass)} title={title}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        {children}
      </table>
    </div>
  );
}

function Rows<Row>({
  columns,
  rows,
  keyOf,
}: Pick<Frame<Row>, 'columns' | 'keyOf'> & { rows: readonly Row[] }): ReactNode {
  return rows.map((row, index) => (
    <tr key={keyOf(row, index)}>
      {columns.map(({ cell, kind, cellTitle, cellClass }, place) => {
        const own = typeof cellClass === 'function' ? cellClass(row) : cellClass;
        const attributes = { className: classes(ofKind(kind), own), title: cellTitle?.(row) };
        return kind === 'name' ? (
          <th key={place} scope="row" {...attributes}>
            {cell(row)}
          </th>
        ) : (
          <td key={place} {...attributes}>
            {cell(row)}
          </td>
        );
      })}
    </tr>
  ));
}

const ofKind = (kind: Column<unknown>['kind']): string | undefined => (kind === 'number' ? 'number' : undefined);

const classes = (...names: (string | undefined)[]): string | undefined => names.filter(Boolean).join(' ') || undefined;
