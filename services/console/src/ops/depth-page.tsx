import type { Queues } from '@crosscheck/contracts';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { queuesQuery } from '../api/operations.ts';
import { Badge } from '../ui/badge.tsx';
import { ago, count, counted, duration, moment } from '../ui/format.ts';
import { Empty, Ready } from '../ui/states.tsx';
import { useNow } from '../ui/use-now.ts';
import { useTitle } from '../ui/use-title.ts';
import { LaneQueues } from './lane-queues.tsx';
import { ForScope } from './ops-layout.tsx';

/** Health of the conveyor: what is wrong, who leads, what waits where, and who works. */
export function DepthPage(): ReactElement {
  useTitle('Queues');
  return (
    <ForScope scope="ops" title="Queues">
      <Depth />
    </ForScope>
  );
}

function Depth(): ReactElement {
  const query = useQuery(queuesQuery);
  return (
    <>
      <div className="page-head">
        <div>
          <div className="row">
            <h1>Queues</h1>
            {query.data?.problems.length === 0 && <Badge tone="good">nothing is wrong</Badge>}
          </div>
          <p className="quiet">
            What is planned lies in Postgres; the queue carries what is handed out, a second or two of work.
          </p>
        </div>
        <a className="button" href="/ops/queues">
          Raw queues
        </a>
      </div>
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
  const facts: [string, string, string][] = [
    ['Planned', count(sum(({ planned }) => planned)), 'not handed out yet'],
    ['Queued or running', count(sum(({ queued }) => queued)), backend === null ? '' : `the queue lies in ${backend}`],
    ['Oldest handed out', oldestMs === 0 ? '–' : duration(oldestMs), 'and not settled'],
    ['Throughput', count(sum(({ callsPerMinute }) => callsPerMinute)), 'calls in the last minute'],
    ['Workers', count(workers.length), `${counted(running, 'trial')} under way`],
  ];
  return (
    <dl className="facts">
      {facts.map(([name, value, note]) => (
        <div key={name} className="fact">
          <dt>{name}</dt>
          <dd>
            {value}
            <small>{note}</small>
          </dd>
        </div>
      ))}
    </dl>
  );
}

const runs = ({ running }: Queues['workers'][number]): number =>
  Object.values(running).reduce((sum, trials) => sum + trials, 0);

function Leaders({ leaders }: { leaders: Queues['leaders'] }): ReactElement {
  return (
    <section className="panel" aria-labelledby="leaders">
      <header>
        <h2 id="leaders">Leaders</h2>
      </header>
      {leaders.length === 0 ? (
        <Empty title="Nobody has ever led" />
      ) : (
        <div className="table-wrap">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Role</th>
                <th scope="col">Holder</th>
                <th scope="col" className="number">
                  Term
                </th>
                <th scope="col">Leads since</th>
                <th scope="col">Heard</th>
                <th scope="col">Last round</th>
                <th scope="col">Last work</th>
              </tr>
            </thead>
            <tbody>
              {leaders.map(({ role, holder, term, since, silentMs, sinceRoundMs, sinceWorkMs }) => (
                <tr key={role}>
                  <th scope="row">{role}</th>
                  <td className="foreign mono small">{holder}</td>
                  <td className="number">{count(term)}</td>
                  <td className="nowrap">{moment(since)}</td>
                  <td className="nowrap">
                    {silentMs > SILENT_MS ? <Badge tone="bad">{`silent for ${duration(silentMs)}`}</Badge> : 'just now'}
                  </td>
                  <td className="nowrap">{duration(sinceRoundMs)} ago</td>
                  <td className="nowrap">{sinceWorkMs === null ? 'none yet' : `${duration(sinceWorkMs)} ago`}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

/** A leader speaks every second, and is followed by another after six. */
const SILENT_MS = 6_000;

function Workers({ workers }: { workers: Queues['workers'] }): ReactElement {
  const nowMs = useNow();
  return (
    <section className="panel" aria-labelledby="workers">
      <header>
        <h2 id="workers">Workers</h2>
      </header>
      {workers.length === 0 ? (
        <Empty title="No worker lives">
          <p>Trials wait until a worker process is started.</p>
        </Empty>
      ) : (
        <div className="table-wrap">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Process</th>
                <th scope="col">Up since</th>
                <th scope="col">Heard</th>
                <th scope="col">Last useful work</th>
                <th scope="col" className="number">
                  Runs
                </th>
                <th scope="col">On</th>
              </tr>
            </thead>
            <tbody>
              {workers.map((worker) => (
                <tr key={worker.id}>
                  <th scope="row" className="foreign mono small">
                    {worker.id}
                  </th>
                  <td className="nowrap">{moment(worker.startedAt)}</td>
                  <td className="nowrap">{ago(worker.seenAt, nowMs)}</td>
                  <td className="nowrap">
                    {worker.lastSettledAt === null ? 'none yet' : ago(worker.lastSettledAt, nowMs)}
                  </td>
                  <td className="number">{count(runs(worker))}</td>
                  <td className="foreign small">
                    {Object.entries(worker.running)
                      .filter(([, trials]) => trials > 0)
                      .map(([lane, trials]) => `${lane} ${count(trials)}`)
                      .join(', ') || '–'}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
