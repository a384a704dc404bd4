import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { sweepsQuery } from '../api/sweeps.ts';
import { SelectField } from '../ui/field.tsx';
import { moment } from '../ui/format.ts';

/** The two sweeps, from the newest of the team. One that is older comes by its address, and stays in the list. */
export function ChooseTwo({ a, b }: { a: string | undefined; b: string | undefined }): ReactElement {
  const navigate = useNavigate({ from: '/compare' });
  const known = useQuery(sweepsQuery({})).data?.items ?? [];
  const nameOf = (id: string): string => {
    const sweep = known.find((one) => one.id === id);
    return sweep ? `${sweep.name} · ${moment(sweep.createdAt)}` : id;
  };
  const options = known.map(({ id }) => id);
  const field = (side: 'a' | 'b', value: string | undefined) => (
    <SelectField
      label={side.toUpperCase()}
      className="compare-choice"
      none="Choose a sweep"
      {...{ value, options, nameOf }}
      onChoose={(id) => void navigate({ search: (before) => ({ ...before, [side]: id }) })}
    />
  );
  return (
    <form className="row compare-choices" onSubmit={(event) => event.preventDefault()}>
      {field('a', a)}
      {field('b', b)}
      <button
        type="button"
        className="button"
        disabled={a === undefined || b === undefined}
        onClick={() => void navigate({ search: { a: b, b: a } })}
      >
        Swap
      </button>
    </form>
  );
}
