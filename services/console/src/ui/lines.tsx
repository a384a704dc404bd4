import type { ReactElement, ReactNode } from 'react';

/** A second line of a cell, quieter than the first. */
export function Below({ children }: { children: ReactNode }): ReactElement {
  return <div className="small quiet">{children}</div>;
}

/** What a row is about: its name, and below it where that stands. Both are words of people. */
export function Named({ name, aside, children }: { name: string; aside: string; children?: ReactNode }): ReactElement {
  return (
    <>
      <span className="foreign">{name}</span>
      <div className="small quiet foreign">{aside}</div>
      {children}
    </>
  );
}
