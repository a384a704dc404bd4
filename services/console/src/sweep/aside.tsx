import type { ReactElement, ReactNode } from 'react';

/** A second, quieter line under a name. */
export function Aside({ children }: { children: ReactNode }): ReactElement {
  return <div className="small quiet foreign">{children}</div>;
}
