import type { Session } from '@crosscheck/contracts';
import { useMutation } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { signOut } from '../api/session.ts';
import { applyTheme, readTheme, THEMES, type Theme } from './theme.ts';

/** Who is signed in, the theme, and the way out. */
export function Account({ session }: { session: Session }): ReactElement {
  const [theme, setTheme] = useState(readTheme);
  const leave = useMutation({ mutationFn: signOut, onSettled: () => location.assign('/sign-in') });
  const choose = (chosen: Theme) => {
    applyTheme(chosen);
    setTheme(chosen);
  };
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
  return (
    <div className="side-foot">
      <span>
        <span className="quiet">Team </span>
        <strong className="foreign">{session.team.name}</strong>
      </span>
      <span className="row">
        <button
          type="button"
          className="button button-small"
          aria-label={`Theme: ${theme}. Change to ${next}`}
          onClick={() => choose(next)}
        >
          {theme === 'dark' ? '☾' : theme === 'light' ? '☀' : '◐'} {theme}
        </button>
        <button type="button" className="button button-small" onClick={() => leave.mutate()}>
          Sign out
        </button>
      </span>
    </div>
  );
}
