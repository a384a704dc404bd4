import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { Empty, Failure } from '../ui/states.tsx';

export function NotFound(): ReactElement {
  return (
    <Empty title="There is no such page">
      <p>The address may have been cut off on its way.</p>
      <Link to="/sweeps" className="button">
        All sweeps
      </Link>
    </Empty>
  );
}

/** A page that broke, or whose files could not be loaded. The others still work. */
export function PageFailure({ error, reset }: { error: unknown; reset: () => void }): ReactElement {
  return (
    <div className="main">
      <Failure error={error} retry={reset} />
    </div>
  );
}
