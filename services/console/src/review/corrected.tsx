import type { Calibration, Corrected } from '@crosscheck/contracts';
import type { ReactElement } from 'react';
import { percent, points, words } from '../ui/format.ts';

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
      <div className="table-wrap" tabIndex={0} role="region" aria-label="Corrected">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Gap or rate</th>
              <th scope="col" className="number">
                As judged
              </th>
              <th scope="col" className="number" title="By sensitivity and specificity of the judge’s version">
                Rogan–Gladen
              </th>
              <th scope="col" className="number" title="By the labels of this very cell">
                Prediction-powered
              </th>
            </tr>
          </thead>
          <tbody>
            {lines.map(({ key, name, aside, raw, roganGladen, ppi, format }) => (
              <tr key={key}>
                <th scope="row">
                  <span className="foreign">{name}</span>
                  <div className="small quiet foreign">{aside}</div>
                </th>
                <td className="number">{format(raw)}</td>
                <CorrectedCell of={roganGladen} format={format} />
                <CorrectedCell of={ppi} format={format} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function CorrectedCell({ of, format }: { of: Corrected; format: Line['format'] }): ReactElement {
  if (of.refused !== null) {
    return (
      <td className="number">
        – <div className="small quiet">{words(of.refused)}</div>
      </td>
    );
  }
  return (
    <td className="number">
      <b>{format(of.estimate)}</b>
      <div className="small quiet">
        [{format(of.low)}, {format(of.high)}]{of.clamped && ' clamped'}
      </div>
    </td>
  );
}
