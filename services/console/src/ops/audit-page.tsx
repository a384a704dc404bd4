import type { AuditEntry } from '@crosscheck/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { auditQuery } from '../api/operations.ts';
import { useMayDo } from '../api/session.ts';
import { Badge } from '../ui/badge.tsx';
import { usd } from '../ui/format.ts';
import { Named } from '../ui/lines.tsx';
import { PageHead } from '../ui/page-head.tsx';
import { Pages } from '../ui/pages.tsx';
import { Empty, Ready } from '../ui/states.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { AuditFilters } from './audit-filters.tsx';
import { ForScope } from './ops-layout.tsx';

/** Who changed what, when, from where. It is read here, and nothing changes it. */
export const AuditPage = (): ReactElement => (
  <ForScope scope="ops" title="Audit log" what="Audit entries">
    <Audit />
  </ForScope>
);

function Audit(): ReactElement {
  const words = useSearch({ from: '/shell/ops/audit' });
  const query = useQuery(auditQuery(words));
  const seesAll = useMayDo('admin');
  const { after, ...filter } = words;
  return (
    <>
      <PageHead
        title="Audit log"
        about={`Every change that was asked for, written before it was done. ${seesAll ? 'All teams.' : 'Your own team.'}`}
      />
      <AuditFilters key={JSON.stringify(filter)} />
      <Ready query={query} what="the audit log">
        {({ items, next }) =>
          items.length === 0 ? (
            <Empty title="No entry fits">
              <Link to="/ops/audit" className="button">
                Show all
              </Link>
            </Empty>
          ) : (
            <>
              <section className="panel" aria-label="Entries">
                <Table className="audit" columns={COLUMNS} rows={items} keyOf={({ id }) => id} />
              </section>
              <Pages to="/ops/audit" search={filter} after={after} next={next} />
            </>
          )
        }
      </Ready>
    </>
  );
}

const COLUMNS: Column<AuditEntry>[] = [
  {
    head: 'When',
    cellClass: 'nowrap mono small',
    cellTitle: ({ at, requestId }) => `${at}, request ${requestId}`,
    cell: ({ at }) => at.slice(0, 19).replace('T', ' '),
  },
  {
    head: 'Who',
    cellClass: 'audit-who',
    cell: ({ team, key, address }) => (
      <Named name={team?.name ?? 'a team that is gone'} aside={`${key?.name ?? 'a key that is gone'} · ${address}`} />
    ),
  },
  { head: 'What', cell: (entry) => <What entry={entry} /> },
  {
    head: 'Answer',
    cell: ({ status }) => <Badge tone={toneOf(status)}>{status === null ? 'none' : String(status)}</Badge>,
  },
  {
    head: 'Before → after',
    cellClass: 'small',
    cell: ({ before, after }) => <Changes before={before} after={after} />,
  },
];

function What({ entry: { action, subject } }: { entry: AuditEntry }): ReactElement {
  return (
    <>
      <span className="mono small">{action}</span>
      {subject.id !== null && (
        <div className="small">
          <Link
            to="/ops/audit"
            search={{ subject: subject.id }}
            className="foreign"
            title={`All changes of ${subject.id}`}
          >
            {subject.kind?.replaceAll('_', ' ')} {shorten(subject.id)}
          </Link>
        </div>
      )}
    </>
  );
}

function toneOf(status: number | null): 'good' | 'warn' | 'bad' {
  if (status === null) return 'bad';
  return status < 400 ? 'good' : 'warn';
}

/** What became different; what stayed is left out. */
function Changes({ before, after }: Pick<AuditEntry, 'before' | 'after'>): ReactElement | null {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].filter(
    (name) => say(before?.[name]) !== say(after?.[name]),
  );
  if (names.length === 0 || after === null) return null;
  return (
    <ul className="changes">
      {names.map((name) => (
        <li key={name}>
          <span className="quiet">{name.replace('_pico_usd', '').replaceAll('_', ' ')}</span>{' '}
          <span className="foreign">
            {before !== null && `${sayOf(name, before[name])} → `}
            {sayOf(name, after[name])}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** The log keeps money as the database does. */
function sayOf(name: string, value: unknown): string {
  if (name.endsWith('_pico_usd') && typeof value === 'number') return usd(value / 1e12);
  return shorten(say(value));
}

/** Ids are known by their beginnings; the whole one stands where the pointer rests. */
const shorten = (text: string): string => (/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(text) ? text.slice(0, 18) : text);

function say(value: unknown): string {
  if (value === undefined || value === null) return 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
