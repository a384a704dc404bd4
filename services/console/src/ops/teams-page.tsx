import { count, type TeamView } from '@crosscheck/contracts';
import { useQuery } from '@tanstack/react-query';
import { type CSSProperties, type ReactElement, useState } from 'react';
import { teamsQuery } from '../api/operations.ts';
import { useMayDo } from '../api/session.ts';
import { percent, usd } from '../ui/format.ts';
import { PageHead } from '../ui/page-head.tsx';
import { Ready } from '../ui/states.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { ForScope } from './ops-layout.tsx';
import { bytes, short } from './short.ts';
import { TeamForm } from './team-form.tsx';

/** How teams share the lanes, what they spend, and how near they are to their quotas. */
export const TeamsPage = (): ReactElement => (
  <ForScope scope="ops" title="Teams">
    <Teams />
  </ForScope>
);

function Teams(): ReactElement {
  const query = useQuery(teamsQuery);
  const isAdmin = useMayDo('admin');
  const [changed, setChanged] = useState<TeamView | null>(null);
  return (
    <>
      <PageHead
        title="Teams"
        about={
          <>
            Share of the calls of the last ten minutes (judges left out), spend of this month (UTC), and use of quotas.
            {!isAdmin && ' Your key sees its own team; one with the scope admin sees all.'}
          </>
        }
      />
      <Ready query={query} what="the teams">
        {({ items }) => (
          <section className="panel" aria-label="Teams">
            <Table
              className="teams"
              columns={[...COLUMNS, changeColumn(isAdmin, setChanged)]}
              rows={items}
              keyOf={({ id }) => id}
            />
          </section>
        )}
      </Ready>
      {changed && <TeamForm team={changed} onClose={() => setChanged(null)} />}
    </>
  );
}

const COLUMNS: Column<TeamView>[] = [
  { head: 'Team', kind: 'name', cellClass: 'foreign', cell: ({ name }) => name },
  { head: 'Weight', kind: 'number', cell: ({ weight }) => count(weight) },
  {
    head: 'Share of calls',
    cell: ({ callShare, calls }) => (
      <Meter text={percent(callShare)} note={`${count(calls)} calls`} share={callShare} what="of all calls" />
    ),
  },
  {
    head: 'Spend this month',
    cell: ({ spentUsd, monthlyBudgetUsd }) => <Use now={spentUsd} max={monthlyBudgetUsd} say={usd} ifNone="no cap" />,
  },
  {
    head: 'Open sweeps',
    cell: ({ use, quotas }) => <Use now={use.sweepsOpen} max={quotas.sweepsOpen} say={count} />,
  },
  {
    head: 'Open trials',
    cell: ({ use, quotas }) => <Use now={use.trialsOpen} max={quotas.trialsOpen} say={short} />,
  },
  {
    head: 'Storage',
    cell: ({ use, quotas }) => <Use now={use.storageBytes} max={quotas.storageBytes} say={bytes} />,
  },
  {
    head: 'Requests / s',
    kind: 'number',
    cell: ({ quotas }) => (quotas.requestsPerSecond ? count(quotas.requestsPerSecond) : 'no quota'),
  },
];

const changeColumn = (isAdmin: boolean, onChange: (team: TeamView) => void): Column<TeamView> => ({
  head: <span className="visually-hidden">What can be done</span>,
  cellClass: 'number',
  cell: (team) => (
    <button
      type="button"
      className="button button-small"
      aria-label={`Change weight and quotas of ${team.name}`}
      disabled={!isAdmin}
      title={isAdmin ? undefined : 'Your key lacks the scope admin'}
      onClick={() => onChange(team)}
    >
      Change
    </button>
  ),
});

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
