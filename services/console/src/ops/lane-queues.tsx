import { count, type Queues } from '@crosscheck/contracts';
import type { ReactElement } from 'react';
import { Badge } from '../ui/badge.tsx';
import { duration } from '../ui/format.ts';
import { Panel } from '../ui/panel.tsx';
import { Empty } from '../ui/states.tsx';
import { type Column, Table } from '../ui/table.tsx';

type Lane = Queues['lanes'][number];
const STALLED = new Set(['DISPATCH_STALLED', 'LANE_STUCK']);

/** Depth of each lane's queue by state, the age of its oldest, and how fast it goes. Deepest first. */
export function LaneQueues({ lanes, problems }: Pick<Queues, 'lanes' | 'problems'>): ReactElement {
  const stalled = new Set(problems.filter(({ code }) => STALLED.has(code)).map(({ subject }) => subject));
  const sorted = lanes.toSorted((a, b) => b.planned + b.queued - (a.planned + a.queued));
  return (
    <Panel id="depth" title="Depth by lane">
      {lanes.length === 0 ? (
        <Empty title="No lane yet">
          <p>The first sweep that names a model makes its lane.</p>
        </Empty>
      ) : (
        <Table columns={columnsOf(stalled)} rows={sorted} keyOf={({ lane }) => lane} />
      )}
    </Panel>
  );
}

const columnsOf = (stalled: Set<string>): Column<Lane>[] => [
  { head: 'Lane', kind: 'name', cellClass: 'foreign', cell: ({ lane }) => lane },
  { head: 'State', cell: (lane) => <State lane={lane} isStalled={stalled.has(lane.lane)} /> },
  { head: 'Planned', kind: 'number', cell: ({ planned }) => count(planned) },
  { head: 'Queued', kind: 'number', cell: ({ queued }) => count(queued) },
  { head: 'Jobs waiting', kind: 'number', cell: ({ jobs }) => orDash(jobs?.waiting, count) },
  { head: 'Active', kind: 'number', cell: ({ jobs }) => orDash(jobs?.active, count) },
  { head: 'Delayed', kind: 'number', cell: ({ jobs }) => orDash(jobs?.delayed, count) },
  {
    head: 'No job',
    kind: 'number',
    title: 'Trials that were handed out and have no job: they are handed out again',
    cell: (lane) => orDash(withoutJob(lane), count),
  },
  { head: 'Oldest', kind: 'number', cell: ({ oldestQueuedMs }) => orDash(oldestQueuedMs, duration) },
  { head: 'Calls / min', kind: 'number', cell: ({ callsPerMinute }) => count(callsPerMinute) },
];

const orDash = (value: number | null | undefined, say: (value: number) => string): string =>
  value === null || value === undefined ? '–' : say(value);

const withoutJob = ({ jobs, queued }: Lane): number | null =>
  jobs && Math.max(0, queued - jobs.waiting - jobs.active - jobs.delayed);

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
