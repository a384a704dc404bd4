import type { TeamView } from '@crosscheck/contracts';
import { useQuery } from '@tanstack/react-query';
import type { CSSProperties, ReactElement } from 'react';
import { teamsQuery } from '../api/operations.ts';
import { useMayDo } from '../api/session.ts';
import { count, percent, usd } from '../ui/format.ts';
import { Ready } from '../ui/states.tsx';
import { useTitle } from '../ui/use-title.ts';
import { ForScope } from './ops-layout.tsx';
import { bytes, short } from './short.ts';

/** How teams share the lanes, what they spend, and how near they are to their quotas. */
export function TeamsPage(): ReactElement {
  useTitle('Teams');
  return (
    <ForScope scope="ops" title="Teams">
      <Teams />
    </ForScope>
  );
}

function Teams(): ReactElement {
  const query = useQuery(teamsQuery);
  const seesAll = useMayDo('admin');
  return (
    <>
      <div className="page-head">
        <div>
          <h1>Teams</h1>
          <p className="quiet">
            Share of the calls of the last ten minutes (judges left out), spend of this month (UTC), and use of quotas.
            {!seesAll && ' Your key sees its own team; one with the scope admin sees all.'}
          </p>
        </div>
      </div>
      <Ready query={query} what="the teams">
        {({ items }) => (
          <section className="panel" aria-label="Teams">
            <div className="table-wrap">
              <table className="table teams">
                <thead>
                  <tr>
                    <th scope="col">Team</th>
                    <th scope="col" className="number">
                      Weight
                    </th>
                    <th scope="col">Share of calls</th>
                    <th scope="col">Spend this month</th>
                    <th scope="col">Open sweeps</th>
                    <th scope="col">Open trials</th>
                    <th scope="col">Storage</th>
                    <th scope="col" className="number">
                      Requests / s
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((team) => (
                    <Row key={team.id} team={team} />
                  ))}
                </tbody>
              </table>
            </div>
          </section>
        )}
      </Ready>
    </>
  );
}

function Row({ team }: { team: TeamView }): ReactElement {
  const { name, weight, callShare, calls, spentUsd, monthlyBudgetUsd, quotas, use } = team;
  return (
    <tr>
      <th scope="row" className="foreign">
        {name}
      </th>
      <td className="number">{count(weight)}</td>
      <td>
        <Meter text={percent(callShare)} note={`${count(calls)} calls`} share={callShare} what="of all calls" />
      </td>
      <td>
        <Use now={spentUsd} max={monthlyBudgetUsd} say={usd} ifNone="no cap" />
      </td>
      <td>
        <Use now={use.sweepsOpen} max={quotas.sweepsOpen} say={count} />
      </td>
      <td>
        <Use now={use.trialsOpen} max={quotas.trialsOpen} say={short} />
      </td>
      <td>
        <Use now={use.storageBytes} max={quotas.storageBytes} say={bytes} />
      </td>
      <td className="number">{quotas.requestsPerSecond ? count(quotas.requestsPerSecond) : 'no quota'}</td>
    </tr>
  );
}

function Use({
  now,
  max,
  say,
  ifNone = 'no quota',
}: {
  now: number;
  max: number | null | undefined;
  say: (value: number) => string;
  ifNone?: string;
}): ReactElement {
  const isLimited = max !== null && max !== undefined;
  return (
    <Meter
      text={say(now)}
      note={isLimited ? `of ${say(max)}` : ifNone}
      share={isLimited ? now / max : null}
      what="used"
    />
  );
}

/** A number over a bar; red where there is little left. */
function Meter({
  text,
  note,
  share,
  what,
}: {
  text: string;
  note: string;
  share: number | null;
  what: string;
}): ReactElement {
  const shown = Math.min(100, (share ?? 0) * 100);
  const tone = what === 'used' && shown >= 90 ? ' meter-full' : '';
  return (
    <div className="meter-cell">
      <span>
        <b>{text}</b> <span className="quiet small">{note}</span>
      </span>
      {share !== null && (
        <div className={`meter${tone}`} role="img" aria-label={`${shown.toFixed(0)} percent ${what}`}>
          <i style={{ '--share': shown } as CSSProperties} />
        </div>
      )}
    </div>
  );
}
