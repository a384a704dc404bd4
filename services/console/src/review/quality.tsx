import type { Calibration, JudgeQuality, LabelSummary, Measure } from '@crosscheck/contracts';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { calibrationQuery } from '../api/review.ts';
import { Badge } from '../ui/badge.tsx';
import { count, counted, percent, words } from '../ui/format.ts';
import { Axis, IntervalMark } from '../ui/interval.tsx';
import { Empty, Ready } from '../ui/states.tsx';
import { CorrectedTable } from './corrected.tsx';

const AXIS = { from: 0, to: 1, ticks: [0, 0.5, 1] };
const WHY: Record<string, string> = {
  no_labels: 'no label of an answer that it judged',
  one_class: 'labels of one kind only',
  judge_too_weak: 'no better than chance',
  calibrated: 'calibrated',
};

/** What the labels say of the judges, and of the sweep's numbers. Read again after each label. */
export function Quality({
  sweepId,
  codebook,
  measure,
}: {
  sweepId: string;
  codebook: string | undefined;
  measure: Measure | undefined;
}): ReactElement {
  const query = useQuery(calibrationQuery(sweepId, codebook));
  return (
    <Ready query={query} what="the judges' quality">
      {(calibration) => {
        const judges = calibration.judges.filter((judge) => measure === undefined || judge.measure === measure);
        return (
          <>
            <section className="panel" aria-label="Judge quality">
              <header>
                <h2>Judge quality against labels</h2>
                <Summary labels={calibration.labels} measure={measure} />
              </header>
              {judges.length === 0 ? <Empty title="No grader of this measure" /> : <JudgeTable judges={judges} />}
            </section>
            <Agreement calibration={calibration} measure={measure} />
            <CorrectedTable calibration={calibration} graders={judges.map(({ grader }) => grader)} />
          </>
        );
      }}
    </Ready>
  );
}

function Summary({ labels, measure }: { labels: LabelSummary[]; measure: Measure | undefined }): ReactElement {
  const shown = labels.filter((one) => measure === undefined || one.measure === measure);
  if (shown.length === 0) return <span className="small quiet">No labels yet</span>;
  return (
    <ul className="small quiet">
      {shown.map(({ measure: of, labels: all, blind, labellers, disputed, alpha }) => (
        <li key={of}>
          {words(of)}: {counted(all, 'label')}, {count(blind)} blind, by {counted(labellers.length, 'person', 'people')}
          {disputed > 0 && `, ${count(disputed)} disputed`}
          {alpha !== null && `, alpha ${alpha.toFixed(2)}`}
        </li>
      ))}
    </ul>
  );
}

function JudgeTable({ judges }: { judges: JudgeQuality[] }): ReactElement {
  return (
    <div className="table-wrap" tabIndex={0} role="region" aria-label="Judges">
      <table className="table judges">
        <thead>
          <tr>
            <th scope="col">Grader</th>
            <th scope="col" className="number">
              Labels
            </th>
            <th scope="col" className="judge-plot">
              Sensitivity
              <Axis {...AXIS} format={(value) => `${value * 100}`} />
            </th>
            <th scope="col" className="judge-plot">
              Specificity
              <Axis {...AXIS} format={(value) => `${value * 100}`} />
            </th>
            <th scope="col" className="number">
              Kappa
            </th>
            <th
              scope="col"
              className="number"
              title="Labelled and judged: true and false positives, false and true negatives"
            >
              TP · FP · FN · TN
            </th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {judges.map((judge) => (
            <JudgeRow key={`${judge.grader} ${judge.version}`} judge={judge} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function JudgeRow({ judge }: { judge: JudgeQuality }): ReactElement {
  const { grader, version, current, measure, n, confusion, kappa, seKappa, auroc, calibrated, why, warnings } = judge;
  const { tp, fp, fn, tn } = confusion;
  return (
    <tr>
      <th scope="row">
        <b className="foreign">{grader}</b>
        <div className="small quiet">
          {words(measure)} · <span className="mono">{version.slice(0, 8)}</span>
          {!current && ' · earlier version'}
        </div>
        {warnings.map((warning) => (
          <div key={warning} className="small quiet foreign">
            {warning}
          </div>
        ))}
      </th>
      <td className="number">{count(n)}</td>
      <Rate name="sensitivity" rate={judge.sensitivity} />
      <Rate name="specificity" rate={judge.specificity} />
      <td className="number">
        {kappa === null ? '–' : kappa.toFixed(2)}
        {seKappa !== null && <div className="small quiet">± {(1.96 * seKappa).toFixed(2)}</div>}
        {auroc.estimate !== null && <div className="small quiet">AUROC {auroc.estimate.toFixed(2)}</div>}
      </td>
      <td className="number">{[tp, fp, fn, tn].map((one) => Math.round(one * 10) / 10).join(' · ')}</td>
      <td>
        <Badge tone={calibrated ? 'good' : 'mute'}>{calibrated ? 'calibrated' : 'not calibrated'}</Badge>
        {!calibrated && <div className="small quiet">{WHY[why] ?? words(why)}</div>}
      </td>
    </tr>
  );
}

function Rate({
  name,
  rate: { estimate, low, high },
}: {
  name: string;
  rate: JudgeQuality['sensitivity'];
}): ReactElement {
  return (
    <td className="judge-plot">
      <IntervalMark
        {...AXIS}
        estimate={estimate}
        ci={{ low, high }}
        label={`${name} ${percent(estimate)}, interval ${percent(low)} to ${percent(high)}`}
      />
      <div className="small">
        <b>{percent(estimate)}</b>{' '}
        {low !== null && (
          <span className="quiet">
            [{percent(low)}, {percent(high)}]
          </span>
        )}
      </div>
    </td>
  );
}

/** Graders of one measure against each other: needs no labels. */
function Agreement({
  calibration: { agreement },
  measure,
}: {
  calibration: Calibration;
  measure: Measure | undefined;
}): ReactElement | null {
  const shown = agreement.filter((one) => measure === undefined || one.measure === measure);
  if (shown.length === 0) return null;
  const two = (value: number | null) => (value === null ? '–' : value.toFixed(2));
  return (
    <section className="panel" aria-label="Agreement of graders">
      <header>
        <h2>Agreement of graders with each other</h2>
      </header>
      <div className="table-wrap" tabIndex={0} role="region" aria-label="Agreement">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Graders</th>
              <th scope="col" className="number">
                Trials
              </th>
              <th scope="col" className="number">
                Same
              </th>
              <th scope="col" className="number">
                Kappa
              </th>
              <th scope="col" className="number">
                AC1
              </th>
              <th scope="col" className="number">
                Alpha
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ graders, n, observed, kappa, ac1, alpha }) => (
              <tr key={graders.join(' ')}>
                <th scope="row" className="foreign">
                  {graders.join(' and ')}
                </th>
                <td className="number">{count(n)}</td>
                <td className="number">{percent(observed)}</td>
                <td className="number">{two(kappa)}</td>
                <td className="number">{two(ac1)}</td>
                <td className="number">{two(alpha)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
