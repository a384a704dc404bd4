import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { type FormEvent, type ReactElement, useId, useState } from 'react';
import { sessionQuery, signIn } from '../api/session.ts';
import { Field } from '../ui/field.tsx';
import { Refused } from '../ui/refused.tsx';

/** The door: a key opens it. */
export function SignIn(): ReactElement {
  const { next } = useSearch({ from: '/sign-in' });
  const client = useQueryClient();
  const [key, setKey] = useState('');
  const errorId = useId();
  const enter = useMutation({
    mutationFn: signIn,
    onSuccess: (session) => {
      client.setQueryData(sessionQuery.queryKey, session);
      location.assign(toOwnPath(next));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    enter.mutate(key.trim());
  };
  return (
    <main className="sign-in">
      <form className="panel" onSubmit={submit}>
        <div className="row">
          <img src="/icon.svg" alt="" width="30" height="30" />
          <h1>Crosscheck</h1>
        </div>
        <p className="quiet">
          Sign in with an API key of your team. It is kept for twelve hours in a cookie that no script can read.
        </p>
        <Field label="API key">
          <input
            className="input mono"
            type="password"
            name="key"
            autoComplete="current-password"
            spellCheck={false}
            required
            autoFocus
            value={key}
            onChange={(event) => setKey(event.target.value)}
            aria-invalid={enter.isError}
            aria-describedby={enter.isError ? errorId : undefined}
          />
        </Field>
        <Refused error={enter.error} id={errorId} />
        <button type="submit" className="button button-primary" disabled={enter.isPending || key.trim() === ''}>
          {enter.isPending ? 'Signing in …' : 'Sign in'}
        </button>
        <p className="small quiet">
          No key yet? Who runs this Crosscheck has the first one: <code>npm start</code> says where it lies.
        </p>
      </form>
    </main>
  );
}

/** Never to another site, whatever the address says. */
function toOwnPath(next: string | undefined): string {
  if (next === undefined) return '/sweeps';
  const url = new URL(next, location.origin);
  return url.origin === location.origin ? url.pathname + url.search + url.hash : '/sweeps';
}
