import type { SweepDetail } from '@crosscheck/contracts';
import type { ReactElement } from 'react';
import { duration } from '../ui/format.ts';

/** Why it waits, and what would help. A queue that simply moves is no news. */
export function Waits({ sweep: { waiting, warnings } }: { sweep: SweepDetail }): ReactElement | null {
  const told = waiting.filter(({ reason }) => reason !== 'queue' && reason !== 'in_flight');
  if (told.length === 0 && warnings.length === 0) return null;
  return (
    <div className="stack">
      {told.map(({ reason, lane, detail, opensInMs, wouldHelp }) => (
        <div key={`${reason} ${lane}`} className="note">
          <strong>
            Waits: <span className="foreign">{detail}</span>
          </strong>
          {(opensInMs !== null || wouldHelp !== null) && (
            <span className="small foreign">
              {opensInMs !== null && `Opens in ${duration(opensInMs)}. `}
              {wouldHelp !== null && `What would help: ${wouldHelp}`}
            </span>
          )}
        </div>
      ))}
      {warnings.length > 0 && (
        <div className="note note-warn">
          <strong>{warnings.length === 1 ? 'To mind' : `${warnings.length} things to mind`}</strong>
          <ul className="stack tight">
            {warnings.map((warning) => (
              <li key={warning} className="foreign">
                {warning}
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
