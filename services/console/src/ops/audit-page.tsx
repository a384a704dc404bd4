import type { AuditEntry } from '@crosscheck/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { auditQuery } from '../api/operations.ts';
import { useMayDo } from '../api/session.ts';
import { Badge } from '../ui/badge.tsx';
import { usd } from '../ui/format.ts';
import { Empty, Ready } from '../ui/states.tsx';
import { useTitle } from '../ui/use-title.ts';
import { AuditFilters } from './audit-filters.tsx';
import { ForScope } from './ops-layout.tsx';

/** Who changed what, when, from where. It is read here, and nothing changes it. */
export function AuditPage(): ReactElement {
  useTitle('Audit log');
  return (
    <ForScope scope="ops" title="Audit entries">
      <Audit />
    </ForScope>
  );
}

function Audit(): ReactElement {
  const words = useSearch({ from: '/shell/ops/audit' });
  const query = useQuery(auditQuery(words));
  const seesAll = useMayDo('admin');
  const { after, ...filter } = words;
  return (
    <>
      <div className="page-head">
        <div>
          <h1>Audit log</h1>
          <p className="quiet">
            Every change that was asked for, written before it was done. {seesAll ? 'All teams.' : 'Your own team.'}
          </p>
        </div>
      </div>
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
              <Entries entries={items} />
              <nav className="row" aria-label="Pages of the list">
                {after !== undefined && (
                  <Link to="/ops/audit" search={filter} className="button">
                    Latest
                  </Link>
                )}
                {next !== null && (
                  <Link to="/ops/audit" search={{ ...filter, after: next }} className="button">
                    Older
                  </Link>
                )}
              </nav>
            </>
          )
        }
      </Ready>
    </>
  );
}

function Entries({ entries }: { entries: AuditEntry[] }): ReactElement {
  return (
    <section className="panel" aria-label="Entries">
      <div className="table-wrap">
        <table className="table audit">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Who</th>
              <th scope="col">What</th>
              <th scope="col">Answer</th>
              <th scope="col">Before → after</th>
            </tr>
          </thead>
          <tbody>
            {entries.map((entry) => (
              <Entry key={entry.id} entry={entry} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Entry({ entry }: { entry: AuditEntry }): ReactElement {
  const { at, team, key, address, action, subject, status, requestId } = entry;
  return (
    <tr>
      <td className="nowrap mono small" title={`${at}, request ${requestId}`}>
        {at.slice(0, 19).replace('T', ' ')}
      </td>
      <td className="audit-who">
        <span className="foreign">{team?.name ?? 'a team that is gone'}</span>
        <div className="small quiet foreign">
          {key?.name ?? 'a key that is gone'} · {address}
        </div>
      </td>
      <td>
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
      </td>
      <td>
        <Badge tone={toneOf(status)}>{status === null ? 'none' : String(status)}</Badge>
      </td>
      <td className="small">
        <Changes before={entry.before} after={entry.after} />
      </td>
    </tr>
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
