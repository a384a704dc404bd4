import type { SweepDetail, TranscriptView } from '@crosscheck/contracts';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { sweepQuery } from '../api/sweeps.ts';
import { transcriptQuery, type TrialFilter } from '../api/trials.ts';
import { filterOf } from '../transcripts/filter-of.ts';
import { Ready } from '../ui/states.tsx';
import { useKeys } from '../ui/use-keys.ts';
import { useTitle } from '../ui/use-title.ts';
import { Answers } from './answers.tsx';
import { Calls } from './calls.tsx';
import { Labels } from './labels.tsx';
import { Sent } from './sent.tsx';
import { Sides } from './sides.tsx';
import { TrialHead } from './trial-head.tsx';
import { useColumns } from './use-columns.ts';
import { type Steps, useSteps } from './use-steps.ts';
import { Verdicts } from './verdicts.tsx';
import './trial.css';

const from = '/shell/sweeps/$sweepId/trials/$trialId';

/** One trial beside the same prompt under other conditions: what was asked, thought, answered, and made of it. */
export function TrialPage(): ReactElement {
  const { sweepId, trialId } = useParams({ from });
  const filter = filterOf(useSearch({ from }));
  const sweep = useQuery(sweepQuery(sweepId));
  const trial = useQuery(transcriptQuery(trialId));
  const steps = useSteps(sweepId, trialId, filter);
  useTitle(trial.data && `${trial.data.prompt.id} · ${trial.data.condition}`);
  useKeys({
    j: () => steps.step(1),
    ArrowRight: () => steps.step(1),
    k: () => steps.step(-1),
    ArrowLeft: () => steps.step(-1),
    u: steps.toList,
  });
  return (
    <div className="page trial-page">
      <Ready query={sweep} what="the sweep">
        {(known) => (
          <Ready query={trial} what="the transcript">
            {(own) => <Trial sweep={known} own={own} steps={steps} filter={filter} />}
          </Ready>
        )}
      </Ready>
    </div>
  );
}

function Trial({
  sweep,
  own,
  steps,
  filter,
}: {
  sweep: SweepDetail;
  own: TranscriptView;
  steps: Steps;
  filter: TrialFilter;
}): ReactElement {
  const beside = useSearch({ from }).with?.split(',');
  const { columns, samples, siblings } = useColumns(sweep, own, beside);
  const navigate = useNavigate({ from: '/sweeps/$sweepId/trials/$trialId' });
  const openSample = (sample: number | undefined) => {
    const trialId = siblings.find((one) => one.sample === sample && one.condition === own.condition)?.id;
    if (trialId !== undefined) void navigate({ params: { sweepId: sweep.id, trialId }, search: true });
  };
  const stepSample = (by: number) => openSample(samples[samples.indexOf(own.sample) + by]);
  useKeys({ ']': () => stepSample(1), '[': () => stepSample(-1) });
  return (
    <>
      <TrialHead
        sweep={sweep}
        own={own}
        filter={filter}
        columns={columns}
        samples={samples}
        steps={steps}
        onSample={openSample}
        onConditions={(conditions) =>
          void navigate({ search: (before) => ({ ...before, with: conditions.join() }), replace: true })
        }
      />
      <Sides own={own} columns={columns} filter={filter} sweepId={sweep.id} />
      <Answers columns={columns} wanted={filter.text} />
      <Verdicts columns={columns} sweep={sweep} />
      <Labels columns={columns} sweep={sweep} />
      <Sent columns={columns} />
      <Calls columns={columns} />
    </>
  );
}
