import { count, type SweepDetail } from '@crosscheck/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { sweepQuery } from '../api/sweeps.ts';
import type { TrialFilter } from '../api/trials.ts';
import { percent } from '../ui/format.ts';
import { Empty, Failure, Loading, Ready } from '../ui/states.tsx';
import { filterOf } from './filter-of.ts';
import { Filters } from './filters.tsx';
import { TrialList } from './trial-list.tsx';
import { type Places, usePlaces } from './use-places.ts';
import './transcripts.css';

const from = '/shell/sweeps/$sweepId/transcripts';

/** Every trial of a sweep, narrowed to what one looks for. */
export function TranscriptsPage(): ReactElement {
  const { sweepId } = useParams({ from });
  const query = useQuery(sweepQuery(sweepId));
  return (
    <Ready query={query} what="the sweep">
      {(sweep) => <Transcripts sweep={sweep} />}
    </Ready>
  );
}

function Transcripts({ sweep }: { sweep: SweepDetail }): ReactElement {
  const { row, ...search } = useSearch({ from });
  const filter = filterOf(search);
  const places = usePlaces(sweep.id, filter);
  return (
    <section className="panel transcripts" aria-label="Transcripts">
      <Filters sweep={sweep} filter={filter} />
      <Results sweep={sweep} filter={filter} places={places} row={Number(row) || null} />
    </section>
  );
}

function Results({
  sweep,
  filter,
  places,
  row,
}: {
  sweep: SweepDetail;
  filter: TrialFilter;
  places: Places;
  row: number | null;
}): ReactElement {
  const { ids, error, looked, refetch } = places;
  const found = <Found places={places} planned={sweep.progress.planned} isFiltered={Object.keys(filter).length > 0} />;
  if (ids === null && error) {
    return (
      <div className="panel-body">
        <Failure error={error} retry={refetch} />
      </div>
    );
  }
  if (ids === null) return <Loading what="the trials" />;
  if (ids.length === 0) return looked === 1 ? <Nothing sweep={sweep} filter={filter} /> : found;
  return (
    // Another filter is another list: it begins at its top.
    <TrialList key={JSON.stringify(filter)} sweep={sweep} ids={ids} filter={filter} row={row}>
      {found}
    </TrialList>
  );
}

function Found({
  places: { ids, looked, isOld, error },
  planned,
  isFiltered,
}: {
  places: Places;
  planned: number;
  isFiltered: boolean;
}): ReactElement {
  const found = ids?.length ?? 0;
  return (
    <p className="found small" role="status">
      {ids !== null && (
        <>
          <b>{count(found)}</b> {isFiltered ? `of ${count(planned)} trials fit` : found === 1 ? 'trial' : 'trials'}
        </>
      )}
      {looked < 1 && !isOld && <span className="quiet"> · looked through {percent(looked)} so far</span>}
      {isOld && <span className="quiet"> · looking …</span>}
      {error && ids !== null && <span className="quiet"> · {error.message}</span>}
    </p>
  );
}

function Nothing({ sweep, filter }: { sweep: SweepDetail; filter: TrialFilter }): ReactElement {
  if (sweep.progress.planned === 0) {
    return (
      <Empty title="No trial is planned yet">
        <p>The scheduler plans them in a moment.</p>
      </Empty>
    );
  }
  return (
    <Empty title="No trial fits">
      <p>
        {Object.entries(filter)
          .map(([name, value]) => `${name} ${value}`)
          .join(', ')}
      </p>
      <Link to="/sweeps/$sweepId/transcripts" params={{ sweepId: sweep.id }} className="button">
        Show all
      </Link>
    </Empty>
  );
}
