import type { ReactElement } from 'react';

/** What the api said no to, beside what asked for it. @param id for the control that it is about */
export const Refused = ({ error, id }: { error: Error | null; id?: string }): ReactElement | null =>
  error && (
    <p className="note note-bad" role="alert" id={id}>
      {error.message}
    </p>
  );
