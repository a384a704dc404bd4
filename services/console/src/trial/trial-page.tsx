import type { SweepDetail, TranscriptView } from '@crosscheck/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { type ReactElement, useEffect } from 'react';
import { sweepQuery } from '../api/sweeps.ts';
import { transcriptQuery } from '../api/trials.ts';
import { filterOf } from '../transcripts/filter-of.ts';
import { usePlaces } from '../transcripts/use-places.ts';
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
import { Verdicts } from './verdicts.tsx';
import './trial.css';

const from = '/shell/sweeps/$sweepId/trials/$trialId';

/** One trial beside the same prompt under other conditions: what was asked, thought, answered, and made of it. */
export function TrialPage(): ReactElement {
  const { sweepId, trialId } = useParams({ from });
  const sweep = useQuery(sweepQuery(sweepId));
  const trial = useQuery(transcriptQuery(trialId));
  useTitle(trial.data && `${trial.data.prompt.id} · ${trial.data.condition}`);
  return (
    <div className="page trial-page">
      <Ready query={sweep} what="the sweep">
        {(known) => (
          <Ready query={trial} what="the transcript">
            {(own) => <Trial sweep={known} own={own} />}
          </Ready>
        )}
      </Ready>
    </div>
  );
}

function Trial({ sweep, own }: { sweep: SweepDetail; own: TranscriptView }): ReactElement {
  const { with: beside, ...search } = useSearch({ from });
  const filter = filterOf(search);
  const wanted = beside === undefined ? undefined : beside.split(',');
  const found = useColumns(sweep, own, wanted);
  const { columns, samples, siblings } = found;
  const ids = usePlaces(sweep.id, filter).ids ?? [];
  const place = ids.indexOf(own.id);
  const navigate = useNavigate({ from: '/sweeps/$sweepId/trials/$trialId' });
  const open = (trialId: string | undefined) => {
    if (trialId !== undefined) void navigate({ params: { sweepId: sweep.id, trialId }, search: true });
  };
  const openSample = (sample: number | undefined) =>
    open(siblings.find((one) => one.sample === sample && one.condition === own.condition)?.id);
  const near = (step: number) => (place < 0 ? undefined : ids[place + step]);
  const list = () =>
    void navigate({
      to: '/sweeps/$sweepId/transcripts',
      params: { sweepId: sweep.id },
      search: { ...filter, row: place < 0 ? undefined : String(place + 1) },
    });
  const stepSample = (step: number) => openSample(samples[samples.indexOf(own.sample) + step]);
  useKeys({
    j: () => open(near(1)),
    ArrowRight: () => open(near(1)),
    k: () => open(near(-1)),
    ArrowLeft: () => open(near(-1)),
    ']': () => stepSample(1),
    '[': () => stepSample(-1),
    u: list,
  });
  usePrefetch(near(1));
  return (
    <>
      <TrialHead
        sweep={sweep}
        own={own}
        filter={filter}
        columns={columns}
        samples={samples}
        place={place}
        length={ids.length}
        onOpen={(step) => open(near(step))}
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

/** The next one is there before it is asked for. */
function usePrefetch(trialId: string | undefined): void {
  const client = useQueryClient();
  useEffect(() => {
    if (trialId !== undefined) void client.prefetchQuery(transcriptQuery(trialId));
  }, [client, trialId]);
}
