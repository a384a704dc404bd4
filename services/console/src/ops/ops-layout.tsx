import { Link, Outlet } from '@tanstack/react-router';
import type { ReactElement, ReactNode } from 'react';
import { type Scope, useMayDo } from '../api/session.ts';
import { Empty } from '../ui/states.tsx';
import { useTitle } from '../ui/use-title.ts';
import './ops.css';

/** What the pages for operators have in common: their rules of style, loaded with the first of them. */
export const OpsLayout = (): ReactElement => (
  <div className="page">
    <Outlet />
  </div>
);

/** A page of that title for keys of one scope. Whoever has none is told which, instead of finding nothing. @param what it shows */
export function ForScope({
  scope,
  title,
  what = title,
  children,
}: {
  scope: Scope;
  title: string;
  what?: string;
  children: ReactNode;
}): ReactNode {
  useTitle(title);
  if (useMayDo(scope)) return children;
  return (
    <Empty title={`${what} are for keys with the scope “${scope}”`}>
      <p>
        Your key does not have it. Ask whoever runs this Crosscheck for one, or sign out and in again with another key.
      </p>
      <Link to="/sweeps" className="button">
        Your sweeps
      </Link>
    </Empty>
  );
}
