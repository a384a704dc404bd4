import type { ReactElement, ReactNode } from 'react';

/** What a page begins with: its title, what it shows, and what can be done there. @param mark what stands beside the title */
export function PageHead({
  title,
  mark,
  about,
  children,
}: {
  title: string;
  mark?: ReactNode;
  about?: ReactNode;
  children?: ReactNode;
}): ReactElement {
  const heading = <h1>{title}</h1>;
  return (
    <div className="page-head">
      {about === undefined ? (
        heading
      ) : (
        <div>
          {mark === undefined ? (
            heading
          ) : (
            <div className="row">
              {heading}
              {mark}
            </div>
          )}
          <p className="quiet">{about}</p>
        </div>
      )}
      {children}
    </div>
  );
}
