import { useQuery } from '@tanstack/react-query';
import { Link, Outlet } from '@tanstack/react-router';
import { type ReactElement, useEffect } from 'react';
import { mayDo, sessionQuery } from '../api/session.ts';
import { Account } from './account.tsx';
import { Lost } from './lost.tsx';
import { NAVIGATION } from './navigation.ts';

/** The frame around every page: where one is, who one is, and whether what is seen is still true. */
export function Shell(): ReactElement | null {
  const { data: session } = useQuery(sessionQuery);
  useEffect(() => {
    // The session ended while the page was open: back to the door, and afterwards to where one was.
    if (session === null) location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
  }, [session]);
  if (!session) return null;
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="side">
        <Link to="/sweeps" className="brand">
          <img src="/icon.svg" alt="" width="22" height="22" />
          Crosscheck
        </Link>
        <nav className="nav" aria-label="Pages">
          {NAVIGATION.map(({ title, entries }) => {
            const open = entries.filter(({ scope }) => mayDo(session, scope));
            return open.length === 0 ? null : (
              <div key={title} className="nav-group">
                <h2>{title}</h2>
                {open.map(({ to, label }) => (
                  <Link key={to} to={to} activeOptions={{ exact: true, includeSearch: false }}>
                    {label}
                  </Link>
                ))}
              </div>
            );
          })}
        </nav>
        <Account session={session} />
      </header>
      <main className="main" id="main" tabIndex={-1}>
        <Lost />
        <Outlet />
      </main>
    </div>
  );
}
