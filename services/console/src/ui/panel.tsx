import type { ReactElement, ReactNode } from 'react';

/** A part of a page under the heading that names it. @param aside what stands beside the heading */
export function Panel({
  id,
  title,
  aside,
  children,
}: {
  /** of the heading: a link may lead to it */
  id: string;
  title: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
}): ReactElement {
  return (
    <section className="panel" aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}
