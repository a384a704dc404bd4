import { counted, type Matrix } from '@crosscheck/contracts';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { type ReactElement, useMemo, useState } from 'react';
import { matrixQuery, sweepQuery } from '../api/sweeps.ts';
import { Outcome } from '../ui/badge.tsx';
import { SelectField, TextField } from '../ui/field.tsx';
import { percent } from '../ui/format.ts';
import { Empty, Ready } from '../ui/states.tsx';
import { MatrixCanvas, type Place } from './matrix-canvas.tsx';
import { type MatrixRow, ORDERS, type Order, toRows } from './matrix-data.ts';
import './matrix.css';

const from = '/shell/sweeps/$sweepId/matrix';
/** Heights of a row, px: from everything at a glance to rows that can be pointed at. */
const ZOOMS = [2, 4, 8, 14, 22];
const ORDER_NAMES: Record<Order, string> = { rate: 'Highest rate', gap: 'Widest gap', dataset: 'Dataset' };

/** Prompts × conditions: where the sweep's rates come from. */
export function MatrixPage(): ReactElement {
  const { sweepId } = useParams({ from });
  const { grader } = useSearch({ from });
  const state = useQuery(sweepQuery(sweepId)).data?.state;
  const query = useQuery(matrixQuery(sweepId, grader, state));
  return (
    <Ready query={query} what="the matrix">
      {(matrix) =>
        matrix.columns.length === 0 ? (
          <Empty title="Nothing to draw yet">
            <p>The matrix fills as trials settle.</p>
          </Empty>
        ) : (
          <MatrixPanel matrix={matrix} sweepId={sweepId} />
        )
      }
    </Ready>
  );
}

function MatrixPanel({ matrix, sweepId }: { matrix: Matrix; sweepId: string }): ReactElement {
  const search = useSearch({ from });
  const navigate = useNavigate({ from: '/sweeps/$sweepId/matrix' });
  const order = ORDERS.find((one) => one === search.order) ?? 'rate';
  const text = search.text ?? '';
  const rows = useMemo(() => toRows(matrix, { order, text }), [matrix, order, text]);
  const [zoom, setZoom] = useState(() => (matrix.prompts.length > 400 ? 1 : matrix.prompts.length > 60 ? 2 : 4));
  const [selected, setSelected] = useState<Place | null>(null);
  const open = ({ row, column }: Place) => {
    const at = matrix.columns[column];
    const prompt = rows[row]?.prompt;
    if (!at || prompt === undefined) return;
    const where = new URLSearchParams({ prompt, condition: at.condition, model: at.model });
    void navigate({ href: `/sweeps/${sweepId}/transcripts?${where.toString()}` });
  };
  const set = (change: Partial<typeof search>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  return (
    <section className="panel" aria-label="Matrix">
      <header>
        <h2>
          {counted(rows.length, 'prompt')} × {counted(matrix.columns.length, 'column')}
        </h2>
        <div className="row">
          <SelectField
            label="Grader"
            value={matrix.grader}
            options={matrix.graders}
            onChoose={(grader) => set({ grader })}
          />
          <SelectField
            label="Order"
            value={order}
            options={ORDERS}
            nameOf={(one) => ORDER_NAMES[one]}
            onChoose={(chosen) => set({ order: chosen })}
          />
          <TextField
            label="Prompt"
            type="search"
            placeholder="part of its id"
            value={text}
            onText={(part) => set({ text: part || undefined })}
          />
          <div className="field">
            <span>Zoom</span>
            <span className="row">
              <button
                type="button"
                className="button"
                aria-label="Smaller rows"
                disabled={zoom === 0}
                onClick={() => setZoom(zoom - 1)}
              >
                −
              </button>
              <button
                type="button"
                className="button"
                aria-label="Larger rows"
                disabled={zoom === ZOOMS.length - 1}
                onClick={() => setZoom(zoom + 1)}
              >
                +
              </button>
            </span>
          </div>
        </div>
      </header>
      <div className="panel-body stack">
        <div
          className="matrix-columns"
          style={{ gridTemplateColumns: `repeat(${matrix.columns.length}, minmax(0, 1fr))` }}
        >
          {matrix.columns.map(({ model, condition }) => (
            <div key={`${model} ${condition}`} className="small" title={`${model} · ${condition}`}>
              <b>{condition}</b>
              <span className="quiet">{model}</span>
            </div>
          ))}
        </div>
        <MatrixCanvas
          rows={rows}
          columns={matrix.columns.length}
          rowHeight={ZOOMS[zoom] ?? 8}
          selected={selected}
          onSelect={setSelected}
          onOpen={open}
          label="Matrix of rates. Arrow keys move from cell to cell, Enter opens the transcripts of one."
        />
        <Detail matrix={matrix} row={selected && rows[selected.row]} column={selected?.column} />
      </div>
    </section>
  );
}

/** What lies under the pointer, or the keyboard, in words. */
function Detail({
  matrix,
  row,
  column,
}: {
  matrix: Matrix;
  row: MatrixRow | null | undefined;
  column: number | undefined;
}): ReactElement {
  const at = column === undefined ? undefined : matrix.columns[column];
  if (!row || !at || column === undefined) {
    return (
      <p className="matrix-detail small quiet">
        none complies <span className="swatch swatch-scale" /> all samples comply{' '}
        <span className="swatch swatch-none" /> nothing that counts. Point at a cell; a click opens its transcripts.
      </p>
    );
  }
  return (
    <p className="matrix-detail small" role="status">
      <b className="foreign">{row.prompt}</b> · {at.condition} · {at.model} · <b>{percent(row.rates[column])}</b>
      {Array.from(row.letters[column] ?? '', (letter, sample) => (
        <Outcome key={sample} outcome={matrix.legend[letter] ?? null} />
      ))}
    </p>
  );
}
