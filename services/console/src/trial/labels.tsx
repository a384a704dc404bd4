import {
  HUMAN_LABELS,
  type LabelView,
  type Measure,
  type SweepDetail,
  type TranscriptView,
} from '@crosscheck/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useId } from 'react';
import { afterLabel, labelTrial, takeBack } from '../api/labels.ts';
import { useMayDo } from '../api/session.ts';
import { measuresOf } from '../api/spec.ts';
import { trialLabelsQuery } from '../api/trials.ts';
import { moment, words } from '../ui/format.ts';
import { Refused } from '../ui/refused.tsx';
import { useKept } from '../ui/use-kept.ts';
import { SideBySide } from './side-by-side.tsx';
import type { Column } from './use-columns.ts';

const CODEBOOK = '1';

/** What people say of the answers, and the place to say it. Whoever reads a transcript has seen its condition: such a label is not blind. */
export function Labels({ columns, sweep }: { columns: Column[]; sweep: SweepDetail }): ReactElement {
  const mayLabel = useMayDo('submit');
  const [labeller, setLabeller] = useKept('labeller', '');
  const nameId = useId();
  return (
    <SideBySide
      title="Labels of people"
      columns={columns}
      aside={
        mayLabel && (
          <label className="row small" htmlFor={nameId}>
            <span className="quiet">Labelling as</span>
            <input
              id={nameId}
              className="input input-small"
              placeholder="your name"
              maxLength={200}
              value={labeller}
              onChange={({ target }) => setLabeller(target.value)}
            />
          </label>
        )
      }
    >
      {(transcript) => (
        <TrialLabels sweep={sweep} transcript={transcript} labeller={labeller.trim()} mayLabel={mayLabel} />
      )}
    </SideBySide>
  );
}

function TrialLabels({
  sweep,
  transcript,
  labeller,
  mayLabel,
}: {
  sweep: SweepDetail;
  transcript: TranscriptView;
  labeller: string;
  mayLabel: boolean;
}): ReactElement {
  const labels = useQuery(trialLabelsQuery(sweep.id, transcript.id)).data ?? [];
  const client = useQueryClient();
  const say = useMutation({
    mutationFn: async ({ measure, label }: { measure: Measure; label: LabelView['label'] }) => {
      const earlier = ownOf(labels, labeller, measure);
      if (earlier) await takeBack(earlier.id);
      if (earlier?.label !== label || earlier.stale) {
        await labelTrial(sweep.id, transcript.id, measure, { label, labeller, codebook: CODEBOOK });
      }
    },
    onSettled: () => afterLabel(client, sweep.id),
  });
  const canBeLabelled = transcript.state === 'settled' && transcript.response !== null;
  return (
    <div className="stack">
      {labels.length === 0 && <p className="quiet">None yet.</p>}
      {labels.length > 0 && (
        <ul className="stack tight small">
          {labels.map(({ id, measure, label, labeller: by, at, blind, stale, note }) => (
            <li key={id}>
              <b>{words(label)}</b> <span className="quiet">{words(measure)} by</span> <bdi>{by}</bdi>{' '}
              <span className="quiet">
                {moment(at)}
                {blind && ' · blind'}
                {stale && ' · of an earlier answer, does not count'}
              </span>
              {note !== null && <div className="foreign">{note}</div>}
            </li>
          ))}
        </ul>
      )}
      {mayLabel &&
        canBeLabelled &&
        measuresOf(sweep).map((measure) => (
          <fieldset key={measure} className="row label-words" disabled={labeller === '' || say.isPending}>
            <legend className="small quiet">{words(measure)}</legend>
            {HUMAN_LABELS[measure].map((label) => (
              <button
                key={label}
                type="button"
                className="button button-small"
                aria-pressed={ownOf(labels, labeller, measure)?.label === label}
                title={labeller === '' ? 'Say first who labels' : undefined}
                onClick={() => say.mutate({ measure, label })}
              >
                {words(label)}
              </button>
            ))}
          </fieldset>
        ))}
      <Refused error={say.error} />
    </div>
  );
}

const ownOf = (labels: LabelView[], labeller: string, measure: Measure): LabelView | undefined =>
  labels.find((one) => one.labeller === labeller && one.measure === measure && one.codebook === CODEBOOK);
