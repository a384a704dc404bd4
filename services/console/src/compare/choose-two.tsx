import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { sweepsQuery } from '../api/sweeps.ts';
import { moment } from '../ui/format.ts';

/** The two sweeps, from the newest of the team. One that is older comes by its address, and stays in the list. */
export function ChooseTwo({ a, b }: { a: string | undefined; b: string | undefined }): ReactElement {
  const navigate = useNavigate({ from: '/compare' });
  const known = useQuery(sweepsQuery({})).data?.items ?? [];
  const choose = (side: 'a' | 'b', id: string) =>
    void navigate({ search: (before) => ({ ...before, [side]: id === '' ? undefined : id }) });
  const field = (side: 'a' | 'b', label: string, chosen: string | undefined) => (
    <label className="field compare-choice">
      <span>{label}</span>
      <select className="input" value={chosen ?? ''} onChange={({ target }) => choose(side, target.value)}>
        <option value="">Choose a sweep</option>
        {chosen !== undefined && !known.some(({ id }) => id === chosen) && <option value={chosen}>{chosen}</option>}
        {known.map(({ id, name, createdAt }) => (
          <option key={id} value={id}>
            {name} · {moment(createdAt)}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <form className="row compare-choices" onSubmit={(event) => event.preventDefault()}>
      {field('a', 'A', a)}
      {field('b', 'B', b)}
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
