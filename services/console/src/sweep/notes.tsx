import type { ReactElement } from 'react';
import { words } from '../ui/format.ts';

/** What stands beside a number because it would mislead alone. */
export function Notes({
  warnings,
  reason,
}: {
  warnings: string[];
  reason?: string | null | undefined;
}): ReactElement | null {
  if (warnings.length === 0 && !reason) return null;
  return (
    <ul className="row-notes small">
      {reason && <li>no number: {words(reason)}</li>}
      {warnings.map((warning) => (
        <li key={warning} className="foreign">
          {warning}
        </li>
      ))}
    </ul>
  );
}

type Warned = { warnings: string[] };

/** What stands at every row alike is said once, above them: `shared`, and the rows with what is theirs alone. */
export function shareWarnings<Row extends Warned>(rows: readonly Row[]): { shared: string[]; rows: Row[] } {
  const [first, ...others] = rows;
  const shared = (first?.warnings ?? []).filter((warning) =>
    others.every(({ warnings }) => warnings.includes(warning)),
  );
  const own = ({ warnings }: Row) => warnings.filter((warning) => !shared.includes(warning));
  return { shared, rows: rows.map((row) => ({ ...row, warnings: own(row) })) };
}
