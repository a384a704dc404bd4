import type { Queues } from '@crosscheck/contracts';
import type { ReactElement } from 'react';
import { Badge } from '../ui/badge.tsx';
import { count, duration } from '../ui/format.ts';
import { Empty } from '../ui/states.tsx';

type Lane = Queues['lanes'][number];
const STALLED = new Set(['DISPATCH_STALLED', 'LANE_STUCK']);

/** Depth of each lane's queue by state, the age of its oldest, and how fast it goes. Deepest first. */
export function LaneQueues({ lanes, problems }: Pick<Queues, 'lanes' | 'problems'>): ReactElement {
  const stalled = new Set(problems.filter(({ code }) => STALLED.has(code)).map(({ subject }) => subject));
  const sorted = lanes.toSorted((a, b) => b.planned + b.queued - (a.planned + a.queued));
  return (
    <section className="panel" aria-labelledby="depth">
      <header>
        <h2 id="depth">Depth by lane</h2>
      </header>
      {lanes.length === 0 ? (
        <Empty title="No lane yet">
          <p>The first sweep that names a model makes its lane.</p>
        </Empty>
      ) : (
        <div className="table-wrap">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Lane</th>
                <th scope="col">State</th>
                <th scope="col" className="number">
                  Planned
                </th>
                <th scope="col" className="number">
                  Queued
                </th>
                <th scope="col" className="number">
                  Jobs waiting
                </th>
                <th scope="col" className="number">
                  Active
                </th>
                <th scope="col" className="number">
                  Delayed
                </th>
                <th
                  scope="col"
                  className="number"
                  title="Trials that were handed out and have no job: they are handed out again"
                >
                  No job
                </th>
                <th scope="col" className="number">
                  Oldest
                </th>
                <th scope="col" className="number">
                  Calls / min
                </th>
              </tr>
            </thead>
            <tbody>
              {sorted.map((lane) => (
                <Row key={lane.lane} lane={lane} isStalled={stalled.has(lane.lane)} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Row({ lane, isStalled }: { lane: Lane; isStalled: boolean }): ReactElement {
  const { jobs, planned, queued, oldestQueuedMs, callsPerMinute } = lane;
  const numbers = jobs
    ? [jobs.waiting, jobs.active, jobs.delayed, Math.max(0, queued - jobs.waiting - jobs.active - jobs.delayed)]
    : null;
  return (
    <tr>
      <th scope="row" className="foreign">
        {lane.lane}
      </th>
      <td>
        <State lane={lane} isStalled={isStalled} />
      </td>
      <td className="number">{count(planned)}</td>
      <td className="number">{count(queued)}</td>
      {['waiting', 'active', 'delayed', 'none'].map((state, index) => (
        <td key={state} className="number">
          {numbers === null ? '–' : count(numbers[index] ?? 0)}
        </td>
      ))}
      <td className="number">{oldestQueuedMs === null ? '–' : duration(oldestQueuedMs)}</td>
      <td className="number">{count(callsPerMinute)}</td>
    </tr>
  );
}

function State({
  lane: { paused, planned, queued, jobs },
  isStalled,
}: {
  lane: Lane;
  isStalled: boolean;
}): ReactElement {
  if (paused !== null) return <Badge tone="bad">paused</Badge>;
  if (isStalled) return <Badge tone="bad">stalled</Badge>;
  if (jobs?.paused) return <Badge tone="warn">queue paused</Badge>;
  if (planned + queued === 0) return <Badge>idle</Badge>;
  return (
    <Badge tone="info" live>
      moving
    </Badge>
  );
}
