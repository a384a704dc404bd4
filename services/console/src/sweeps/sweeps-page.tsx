import { SWEEP_STATES } from '@crosscheck/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useMayDo } from '../api/session.ts';
import { sweepsQuery } from '../api/sweeps.ts';
import { Empty, Ready } from '../ui/states.tsx';
import { useSettled } from '../ui/use-settled.ts';
import { useTitle } from '../ui/use-title.ts';
import { SweepTable } from './sweep-table.tsx';

const SEARCH_AFTER_MS = 250;

/** A team's sweeps, newest first. */
export function SweepsPage(): ReactElement {
  useTitle('Sweeps');
  const { state, text, after } = useSearch({ from: '/shell/sweeps' });
  const wanted = useSettled((text ?? '').trim(), SEARCH_AFTER_MS);
  const query = useQuery(sweepsQuery({ state, after, text: wanted || undefined }));
  const maySubmit = useMayDo('submit');
  return (
    <div className="page">
      <div className="page-head">
        <h1>Sweeps</h1>
        {maySubmit && (
          <Link to="/sweeps/new" className="button button-primary">
            New sweep
          </Link>
        )}
      </div>
      <Filters />
      <Ready query={query} what="the sweeps">
        {({ items, next }) => {
          if (items.length === 0) return <Nothing isFiltered={wanted !== '' || state !== undefined} />;
          return (
            <>
              <SweepTable sweeps={items} />
              <nav className="row" aria-label="Pages of the list">
                {after !== undefined && (
                  <Link to="/sweeps" search={{ state, text }} className="button">
                    Newest
                  </Link>
                )}
                {next !== null && (
                  <Link to="/sweeps" search={{ state, text, after: next }} className="button">
                    Older
                  </Link>
                )}
              </nav>
            </>
          );
        }}
      </Ready>
    </div>
  );
}

function Filters(): ReactElement {
  const { state, text } = useSearch({ from: '/shell/sweeps' });
  const navigate = useNavigate({ from: '/sweeps' });
  return (
    <form className="row" role="search" onSubmit={(event) => event.preventDefault()}>
      <label className="field">
        <span>Search</span>
        <input
          className="input"
          type="search"
          placeholder="Name, study, model or id"
          value={text ?? ''}
          onChange={({ target: { value } }) =>
            // Another search begins at its first page.
            void navigate({ search: { state, text: value || undefined }, replace: true })
          }
        />
      </label>
      <label className="field">
        <span>State</span>
        <select
          className="input"
          value={state ?? ''}
          onChange={({ target: { value } }) =>
            void navigate({ search: { text, ...(value === '' ? {} : { state: value }) }, replace: true })
          }
        >
          <option value="">All</option>
          {SWEEP_STATES.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
    </form>
  );
}

function Nothing({ isFiltered }: { isFiltered: boolean }): ReactElement {
  const maySubmit = useMayDo('submit');
  if (isFiltered) {
    return (
      <Empty title="No sweep fits">
        <Link to="/sweeps" className="button">
          Show all
        </Link>
      </Empty>
    );
  }
  return (
    <Empty title="No sweep yet">
      <p>
        A sweep puts the same prompts to a model under several conditions, and measures whether it behaves the same.
      </p>
      {maySubmit ? (
        <Link to="/sweeps/new" className="button button-primary">
          New sweep
        </Link>
      ) : (
        <p>Your key may read. To submit one, sign in with a key of the scope submit.</p>
      )}
    </Empty>
  );
}
