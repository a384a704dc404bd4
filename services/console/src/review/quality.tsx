import {
  type Calibration,
  count,
  counted,
  type JudgeQuality,
  type LabelSummary,
  type Measure,
} from '@crosscheck/contracts';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { calibrationQuery } from '../api/review.ts';
import { Badge } from '../ui/badge.tsx';
import { intervalText, percent, RATES, words } from '../ui/format.ts';
import { intervalColumn } from '../ui/interval.tsx';
import { Below } from '../ui/lines.tsx';
import { Empty, Ready } from '../ui/states.tsx';
import { type Column, Table } from '../ui/table.tsx';
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
              {judges.length === 0 ? (
                <Empty title="No grader of this measure" />
              ) : (
                <Table
                  label="Judges"
                  className="judges"
                  columns={JUDGE_COLUMNS}
                  rows={judges}
                  keyOf={({ grader, version }) => `${grader} ${version}`}
                />
              )}
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

const two = (value: number | null): string => (value === null ? '–' : value.toFixed(2));

const rateColumn = (name: string, pick: (judge: JudgeQuality) => JudgeQuality['sensitivity']): Column<JudgeQuality> =>
  intervalColumn({
    head: name,
    className: 'judge-plot',
    axis: AXIS,
    mark: (judge) => {
      const { estimate, low, high } = pick(judge);
      const ci = { low, high };
      return { estimate, ci, label: `${name.toLowerCase()} ${intervalText(RATES, estimate, ci)}` };
    },
    below: (judge) => <Rate rate={pick(judge)} />,
  });

const JUDGE_COLUMNS: Column<JudgeQuality>[] = [
  { head: 'Grader', kind: 'name', cell: (judge) => <Judge judge={judge} /> },
  { head: 'Labels', kind: 'number', cell: ({ n }) => count(n) },
  rateColumn('Sensitivity', ({ sensitivity }) => sensitivity),
  rateColumn('Specificity', ({ specificity }) => specificity),
  {
    head: 'Kappa',
    kind: 'number',
    cell: ({ kappa, kappaLow, kappaHigh, auroc }) => (
      <>
        {two(kappa)}
        {kappaLow !== null && (
          <Below>
            {two(kappaLow)} to {two(kappaHigh)}
          </Below>
        )}
        {auroc.estimate !== null && (
          <Below>
            AUROC {two(auroc.estimate)}
            {auroc.low !== null && ` (${two(auroc.low)} to ${two(auroc.high)})`}
          </Below>
        )}
      </>
    ),
  },
  {
    head: 'TP · FP · FN · TN',
    kind: 'number',
    title: 'Labelled and judged: true and false positives, false and true negatives',
    cell: ({ confusion: { tp, fp, fn, tn } }) => [tp, fp, fn, tn].map((one) => Math.round(one * 10) / 10).join(' · '),
  },
  {
    head: 'State',
    cell: ({ calibrated, why }) => (
      <>
        <Badge tone={calibrated ? 'good' : 'mute'}>{calibrated ? 'calibrated' : 'not calibrated'}</Badge>
        {!calibrated && <Below>{WHY[why] ?? words(why)}</Below>}
      </>
    ),
  },
];

function Judge({ judge: { grader, version, current, measure, warnings } }: { judge: JudgeQuality }): ReactElement {
  return (
    <>
      <b className="foreign">{grader}</b>
      <Below>
        {words(measure)} · <span className="mono">{version.slice(0, 8)}</span>
        {!current && ' · earlier version'}
      </Below>
      {warnings.map((warning) => (
        <div key={warning} className="small quiet foreign">
          {warning}
        </div>
      ))}
    </>
  );
}

function Rate({ rate: { estimate, low, high } }: { rate: JudgeQuality['sensitivity'] }): ReactElement {
  return (
    <div className="small">
      <b>{percent(estimate)}</b>{' '}
      {low !== null && (
        <span className="quiet">
          [{percent(low)}, {percent(high)}]
        </span>
      )}
    </div>
  );
}

type Agreed = Calibration['agreement'][number];

const AGREEMENT_COLUMNS: Column<Agreed>[] = [
  { head: 'Graders', kind: 'name', cellClass: 'foreign', cell: ({ graders }) => graders.join(' and ') },
  { head: 'Trials', kind: 'number', cell: ({ n }) => count(n) },
  { head: 'Same', kind: 'number', cell: ({ observed }) => percent(observed) },
  { head: 'Kappa', kind: 'number', cell: ({ kappa }) => two(kappa) },
  { head: 'AC1', kind: 'number', cell: ({ ac1 }) => two(ac1) },
  { head: 'Alpha', kind: 'number', cell: ({ alpha }) => two(alpha) },
];

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
  return (
    <section className="panel" aria-label="Agreement of graders">
      <header>
        <h2>Agreement of graders with each other</h2>
      </header>
      <Table label="Agreement" columns={AGREEMENT_COLUMNS} rows={shown} keyOf={({ graders }) => graders.join(' ')} />
    </section>
  );
}
