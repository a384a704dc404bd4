import type { TranscriptView } from '@crosscheck/contracts';
import { type ReactElement, useState } from 'react';
import { ForeignLine } from '../text/foreign-text.tsx';
import { Badge } from '../ui/badge.tsx';
import { count, counted, duration, moment, usd, words } from '../ui/format.ts';
import { SideBySide } from './side-by-side.tsx';
import type { Column } from './use-columns.ts';

type Attempt = TranscriptView['attempts'][number];

/** Judges ask often, and mostly nothing is to be seen: calls that were answered are folded behind the others. */
const FIRST = 4;

/** Every call that was made for it, also the lost ones: how it ended, how long it took, what it cost. */
export function Calls({ columns }: { columns: Column[] }): ReactElement {
  const [isOpen, setOpen] = useState(false);
  const most = Math.max(0, ...columns.map(({ transcript }) => transcript?.attempts.length ?? 0));
  return (
    <SideBySide
      title="Calls"
      columns={columns}
      aside={
        most > FIRST && (
          <button type="button" className="button button-small" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {isOpen ? 'Fewer' : 'All calls'}
          </button>
        )
      }
    >
      {({ attempts }) =>
        attempts.length === 0 ? (
          <p className="quiet">No call was made.</p>
        ) : (
          <>
            <p className="small">{summaryOf(attempts)}</p>
            <CallTable attempts={isOpen ? attempts : firstOf(attempts)} />
          </>
        )
      }
    </SideBySide>
  );
}

/** The subject's and those that failed, or the first few. */
function firstOf(attempts: Attempt[]): Attempt[] {
  if (attempts.length <= FIRST) return attempts;
  return attempts.filter(({ purpose, kind }) => purpose === 'subject' || kind !== 'ok');
}

function CallTable({ attempts }: { attempts: Attempt[] }): ReactElement {
  return (
    <div className="table-wrap calls" tabIndex={0} role="region" aria-label="Calls">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">For</th>
            <th scope="col">Ended</th>
            <th scope="col" className="number">
              Took
            </th>
            <th scope="col" className="number" title="Tokens in, from the cache, and out">
              In · cached · out
            </th>
            <th scope="col" className="number">
              Cost
            </th>
            <th scope="col">Request id</th>
          </tr>
        </thead>
        <tbody>
          {attempts.map((attempt, index) => (
            <Call key={index} attempt={attempt} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Call({ attempt }: { attempt: Attempt }): ReactElement {
  const { purpose, kind, code, detail, httpStatus, startedAt, latencyMs, usage, costUsd, costStatus, requestId, lane } =
    attempt;
  const tokens = tokensOf(usage);
  return (
    <tr>
      <th scope="row" className="nowrap" title={`Lane ${lane}, sent ${moment(startedAt)}`}>
        <bdi>{purpose}</bdi>
      </th>
      <td>
        {kind === 'ok' ? (
          <Badge tone="good">answered</Badge>
        ) : (
          <>
            <Badge tone="bad">{words(code)}</Badge>
            <div className="small quiet call-detail">
              {httpStatus !== null && `HTTP ${httpStatus}. `}
              <ForeignLine text={detail} />
            </div>
          </>
        )}
      </td>
      <td className="number">{duration(latencyMs)}</td>
      <td className="number">
        {count(tokens.in)} · {tokens.cached > 0 ? <b>{count(tokens.cached)}</b> : 0} · {count(tokens.out)}
      </td>
      <td className="number" title={costStatus === 'exact' ? undefined : `Cost is ${costStatus}`}>
        {costStatus === 'unknown' ? '–' : usd(costUsd)}
        {costStatus === 'estimated' && '*'}
      </td>
      <td className="mono small call-id" title={requestId ?? undefined}>
        <bdi>{requestId ?? '–'}</bdi>
      </td>
    </tr>
  );
}

/** Tokens that were read anew, those that came from the provider's cache, and those that were written. */
function tokensOf(usage: Attempt['usage']): { in: number; cached: number; out: number } {
  const of = (...names: string[]) => names.reduce((sum, name) => sum + (usage[name] ?? 0), 0);
  return { in: of('uncached', 'cacheWrite5m', 'cacheWrite1h'), cached: of('cacheRead'), out: of('output') };
}

function summaryOf(attempts: Attempt[]): string {
  const subject = attempts.filter(({ purpose }) => purpose === 'subject');
  const judges = attempts.length - subject.length;
  const sum = (read: (attempt: Attempt) => number) => attempts.reduce((total, attempt) => total + read(attempt), 0);
  const cached = sum(({ usage }) => tokensOf(usage).cached);
  const answered = subject.find(({ kind }) => kind === 'ok');
  return [
    `${counted(subject.length, 'call')} to the subject${subject.length > 1 ? `, ${counted(subject.length - 1, 'retry', 'retries')}` : ''}`,
    judges > 0 ? `${count(judges)} to judges` : null,
    answered ? `answered in ${duration(answered.latencyMs)}` : null,
    cached > 0 ? `cache read ${count(cached)} tokens` : 'no cache hit',
    usd(sum(({ costUsd }) => costUsd)),
  ]
    .filter(Boolean)
    .join(' · ');
}
