import type { ReactElement } from 'react';

/** What the api said to a question's answer, inside of the question. */
export const Refused = ({ error }: { error: Error | null }): ReactElement | null =>
  error && (
    <p className="note note-bad" role="alert">
      {error.message}
    </p>
  );
