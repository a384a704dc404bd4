import { SWEEP_STATES } from '@crosscheck/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useMayDo } from '../api/session.ts';
import { sweepsQuery } from '../api/sweeps.ts';
import { SelectField, TextField } from '../ui/field.tsx';
import { PageHead } from '../ui/page-head.tsx';
import { Pages } from '../ui/pages.tsx';
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
      <PageHead title="Sweeps">
        {maySubmit && (
          <Link to="/sweeps/new" className="button button-primary">
            New sweep
          </Link>
        )}
      </PageHead>
      <Filters />
      <Ready query={query} what="the sweeps">
        {({ items, next }) => {
          if (items.length === 0) return <Nothing isFiltered={wanted !== '' || state !== undefined} />;
          return (
            <>
              <SweepTable sweeps={items} />
              <Pages to="/sweeps" search={{ state, text }} after={after} next={next} first="Newest" />
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
      <TextField
        label="Search"
        type="search"
        placeholder="Name, study, model or id"
        value={text ?? ''}
        // Another search begins at its first page.
        onText={(value) => void navigate({ search: { state, text: value || undefined }, replace: true })}
      />
      <SelectField
        label="State"
        none="All"
        value={state}
        options={SWEEP_STATES}
        onChoose={(chosen) => void navigate({ search: { text, state: chosen }, replace: true })}
      />
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
