import { count, counted, type Queues } from '@crosscheck/contracts';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { queuesQuery } from '../api/operations.ts';
import { Badge } from '../ui/badge.tsx';
import { Fact } from '../ui/fact.tsx';
import { ago, duration, moment } from '../ui/format.ts';
import { PageHead } from '../ui/page-head.tsx';
import { Panel } from '../ui/panel.tsx';
import { Empty, Ready } from '../ui/states.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { useNow } from '../ui/use-now.ts';
import { LaneQueues } from './lane-queues.tsx';
import { ForScope } from './ops-layout.tsx';

type Worker = Queues['workers'][number];

/** Health of the conveyor: what is wrong, who leads, what waits where, and who works. */
export const DepthPage = (): ReactElement => (
  <ForScope scope="ops" title="Queues">
    <Depth />
  </ForScope>
);

function Depth(): ReactElement {
  const query = useQuery(queuesQuery);
  return (
    <>
      <PageHead
        title="Queues"
        mark={query.data?.problems.length === 0 && <Badge tone="good">nothing is wrong</Badge>}
        about="What is planned lies in Postgres; the queue carries what is handed out, a second or two of work."
      >
        <a className="button" href="/ops/queues">
          Raw queues
        </a>
      </PageHead>
      <Ready query={query} what="the queues">
        {(queues) => (
          <>
            <Problems problems={queues.problems} />
            <Totals queues={queues} />
            <LaneQueues lanes={queues.lanes} problems={queues.problems} />
            <Leaders leaders={queues.leaders} />
            <Workers workers={queues.workers} />
          </>
        )}
      </Ready>
    </>
  );
}

function Problems({ problems }: { problems: Queues['problems'] }): ReactElement | null {
  const nowMs = useNow();
  if (problems.length === 0) return null;
  return (
    <ul className="stack" aria-label="What is wrong">
      {problems.map(({ code, subject, since, title, detail, todo, blocks }) => (
        <li key={`${code} ${subject}`} className={`note ${blocks ? 'note-bad' : 'note-warn'}`}>
          <strong>
            {title} <span className="quiet">· {subject}</span>
          </strong>
          <span>
            {detail}, since {ago(since, nowMs)}
          </span>
          <span className="quiet">To do: {todo}</span>
        </li>
      ))}
    </ul>
  );
}

function Totals({ queues: { lanes, workers, backend } }: { queues: Queues }): ReactElement {
  const sum = (pick: (lane: Queues['lanes'][number]) => number) => lanes.reduce((all, lane) => all + pick(lane), 0);
  const oldestMs = Math.max(0, ...lanes.map(({ oldestQueuedMs }) => oldestQueuedMs ?? 0));
  const running = workers.reduce((all, worker) => all + runs(worker), 0);
  return (
    <dl className="facts">
      <Fact name="Planned" note="not handed out yet">
        {count(sum(({ planned }) => planned))}
      </Fact>
      <Fact name="Queued or running" note={backend === null ? '' : `the queue lies in ${backend}`}>
        {count(sum(({ queued }) => queued))}
      </Fact>
      <Fact name="Oldest handed out" note="and not settled">
        {oldestMs === 0 ? '–' : duration(oldestMs)}
      </Fact>
      <Fact name="Throughput" note="calls in the last minute">
        {count(sum(({ callsPerMinute }) => callsPerMinute))}
      </Fact>
      <Fact name="Workers" note={`${counted(running, 'trial')} under way`}>
        {count(workers.length)}
      </Fact>
    </dl>
  );
}

const runs = ({ running }: Worker): number => Object.values(running).reduce((sum, trials) => sum + trials, 0);

function Leaders({ leaders }: { leaders: Queues['leaders'] }): ReactElement {
  return (
    <Panel id="leaders" title="Leaders">
      {leaders.length === 0 ? (
        <Empty title="Nobody has ever led" />
      ) : (
        <Table columns={LEADER_COLUMNS} rows={leaders} keyOf={({ role }) => role} />
      )}
    </Panel>
  );
}

/** A leader speaks every second, and is followed by another after six. */
const SILENT_MS = 6_000;

const LEADER_COLUMNS: Column<Queues['leaders'][number]>[] = [
  { head: 'Role', kind: 'name', cell: ({ role }) => role },
  { head: 'Holder', cellClass: 'foreign mono small', cell: ({ holder }) => holder },
  { head: 'Term', kind: 'number', cell: ({ term }) => count(term) },
  { head: 'Leads since', cellClass: 'nowrap', cell: ({ since }) => moment(since) },
  {
    head: 'Heard',
    cellClass: 'nowrap',
    cell: ({ silentMs }) =>
      silentMs > SILENT_MS ? <Badge tone="bad">{`silent for ${duration(silentMs)}`}</Badge> : 'just now',
  },
  { head: 'Last round', cellClass: 'nowrap', cell: ({ sinceRoundMs }) => `${duration(sinceRoundMs)} ago` },
  {
    head: 'Last work',
    cellClass: 'nowrap',
    cell: ({ sinceWorkMs }) => (sinceWorkMs === null ? 'none yet' : `${duration(sinceWorkMs)} ago`),
  },
];

function Workers({ workers }: { workers: Worker[] }): ReactElement {
  const nowMs = useNow();
  return (
    <Panel id="workers" title="Workers">
      {workers.length === 0 ? (
        <Empty title="No worker lives">
          <p>Trials wait until a worker process is started.</p>
        </Empty>
      ) : (
        <Table columns={workerColumns(nowMs)} rows={workers} keyOf={({ id }) => id} />
      )}
    </Panel>
  );
}

const workerColumns = (nowMs: number): Column<Worker>[] => [
  { head: 'Process', kind: 'name', cellClass: 'foreign mono small', cell: ({ id }) => id },
  { head: 'Up since', cellClass: 'nowrap', cell: ({ startedAt }) => moment(startedAt) },
  { head: 'Heard', cellClass: 'nowrap', cell: ({ seenAt }) => ago(seenAt, nowMs) },
  {
    head: 'Last useful work',
    cellClass: 'nowrap',
    cell: ({ lastSettledAt }) => (lastSettledAt === null ? 'none yet' : ago(lastSettledAt, nowMs)),
  },
  { head: 'Runs', kind: 'number', cell: (worker) => count(runs(worker)) },
  { head: 'On', cellClass: 'foreign small', cell: ({ running }) => lanesOf(running) },
];

const lanesOf = (running: Worker['running']): string =>
  Object.entries(running)
    .filter(([, trials]) => trials > 0)
    .map(([lane, trials]) => `${lane} ${count(trials)}`)
    .join(', ') || '–';
