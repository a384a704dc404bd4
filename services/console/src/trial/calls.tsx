import { count, counted, type TranscriptView } from '@crosscheck/contracts';
import { type ReactElement, useState } from 'react';
import { ForeignLine } from '../text/foreign-text.tsx';
import { Badge } from '../ui/badge.tsx';
import { duration, moment, usd, words } from '../ui/format.ts';
import { type Column, Table } from '../ui/table.tsx';
import { SideBySide } from './side-by-side.tsx';
import type { Column as Side } from './use-columns.ts';

type Attempt = TranscriptView['attempts'][number];

/** Judges ask often, and mostly nothing is to be seen: calls that were answered are folded behind the others. */
const FIRST = 4;

/** Every call that was made for it, also the lost ones: how it ended, how long it took, what it cost. */
export function Calls({ columns }: { columns: Side[] }): ReactElement {
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
            <Table
              label="Calls"
              wrapClass="calls"
              columns={COLUMNS}
              rows={isOpen ? attempts : firstOf(attempts)}
              // A call has no other name than its place.
              keyOf={(_, index) => index}
            />
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

const COLUMNS: Column<Attempt>[] = [
  {
    head: 'For',
    kind: 'name',
    cellClass: 'nowrap',
    cellTitle: ({ lane, startedAt }) => `Lane ${lane}, sent ${moment(startedAt)}`,
    cell: ({ purpose }) => <bdi>{purpose}</bdi>,
  },
  { head: 'Ended', cell: (attempt) => <Ended attempt={attempt} /> },
  { head: 'Took', kind: 'number', cell: ({ latencyMs }) => duration(latencyMs) },
  {
    head: 'In · cached · out',
    kind: 'number',
    title: 'Tokens in, from the cache, and out',
    cell: ({ usage }) => <Tokens usage={usage} />,
  },
  {
    head: 'Cost',
    kind: 'number',
    cellTitle: ({ costStatus }) => (costStatus === 'exact' ? undefined : `Cost is ${costStatus}`),
    cell: ({ costStatus, costUsd }) => (
      <>
        {costStatus === 'unknown' ? '–' : usd(costUsd)}
        {costStatus === 'estimated' && '*'}
      </>
    ),
  },
  {
    head: 'Request id',
    cellClass: 'mono small call-id',
    cellTitle: ({ requestId }) => requestId ?? undefined,
    cell: ({ requestId }) => <bdi>{requestId ?? '–'}</bdi>,
  },
];

function Ended({ attempt: { kind, code, httpStatus, detail } }: { attempt: Attempt }): ReactElement {
  if (kind === 'ok') return <Badge tone="good">answered</Badge>;
  return (
    <>
      <Badge tone="bad">{words(code)}</Badge>
      <div className="small quiet call-detail">
        {httpStatus !== null && `HTTP ${httpStatus}. `}
        <ForeignLine text={detail} />
      </div>
    </>
  );
}

function Tokens({ usage }: Pick<Attempt, 'usage'>): ReactElement {
  const tokens = tokensOf(usage);
  return (
    <>
      {count(tokens.in)} · {tokens.cached > 0 ? <b>{count(tokens.cached)}</b> : 0} · {count(tokens.out)}
    </>
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
