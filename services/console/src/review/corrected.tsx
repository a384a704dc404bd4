import type { Calibration, Corrected } from '@crosscheck/contracts';
import type { ReactElement } from 'react';
import { percent, points, words } from '../ui/format.ts';
import { Below, Named } from '../ui/lines.tsx';
import { type Column, Table } from '../ui/table.tsx';

type Line = {
  key: string;
  name: string;
  aside: string;
  raw: number | null;
  roganGladen: Corrected;
  ppi: Corrected;
  format: (value: number | null) => string;
};

/** The sweep's rates and gaps beside what they are once the judge's measured errors are taken out. */
export function CorrectedTable({
  calibration: { cells, contrasts },
  graders,
}: {
  calibration: Calibration;
  graders: string[];
}): ReactElement | null {
  const lines: Line[] = [
    ...contrasts.map(({ id, model, treatment, control, grader, metric, raw, roganGladen, ppi }) => ({
      key: `gap ${id} ${model} ${grader} ${metric}`,
      name: `${treatment} − ${control}`,
      aside: `${words(metric)} by ${grader} · ${model}`,
      grader,
      raw: raw.estimate,
      roganGladen,
      ppi,
      format: points,
    })),
    ...cells.map(({ model, condition, grader, metric, raw, roganGladen, ppi }) => ({
      key: `cell ${model} ${condition} ${grader} ${metric}`,
      name: condition,
      aside: `${words(metric)} by ${grader} · ${model}`,
      grader,
      raw: raw.estimate,
      roganGladen,
      ppi,
      format: percent,
    })),
  ].filter(({ grader }) => graders.includes(grader));
  if (lines.length === 0) return null;
  return (
    <section className="panel" aria-label="Corrected numbers">
      <header>
        <h2>Numbers corrected for judge errors</h2>
        <span className="small quiet">95 % intervals</span>
      </header>
      <Table label="Corrected" columns={COLUMNS} rows={lines} keyOf={({ key }) => key} />
    </section>
  );
}

const COLUMNS: Column<Line>[] = [
  { head: 'Gap or rate', kind: 'name', cell: ({ name, aside }) => <Named name={name} aside={aside} /> },
  { head: 'As judged', kind: 'number', cell: ({ raw, format }) => format(raw) },
  {
    head: 'Rogan–Gladen',
    kind: 'number',
    title: 'By sensitivity and specificity of the judge’s version',
    cell: ({ roganGladen, format }) => <CorrectedNumber of={roganGladen} format={format} />,
  },
  {
    head: 'Prediction-powered',
    kind: 'number',
    title: 'By the labels of this very cell',
    cell: ({ ppi, format }) => <CorrectedNumber of={ppi} format={format} />,
  },
];

function CorrectedNumber({ of, format }: { of: Corrected; format: Line['format'] }): ReactElement {
  if (of.refused !== null) {
    return (
      <>
        – <Below>{words(of.refused)}</Below>
      </>
    );
  }
  return (
    <>
      <b>{format(of.estimate)}</b>
      <Below>
        [{format(of.low)}, {format(of.high)}]{of.clamped && ' clamped'}
      </Below>
    </>
  );
}
