import type { ReactElement, ReactNode } from 'react';

/** A number with its name, and a word on it below: one of a list of the class `facts`. */
export function Fact({ name, note, children }: { name: string; note?: ReactNode; children: ReactNode }): ReactElement {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>
        {children}
        {note !== undefined && <small>{note}</small>}
      </dd>
    </div>
  );
}
