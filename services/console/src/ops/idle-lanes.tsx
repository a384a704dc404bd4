import { count, type LaneView } from '@crosscheck/contracts';
import type { ReactElement } from 'react';
import { Panel } from '../ui/panel.tsx';
import { type Column, Table } from '../ui/table.tsx';

const limit = (value: number | null | undefined): string =>
  value === null || value === undefined ? 'none' : count(value);

const LIMITS: Column<LaneView>[] = [
  { head: 'Lane', kind: 'name', cellClass: 'foreign', cell: ({ id }) => id },
  { head: 'Requests a minute', kind: 'number', cell: ({ limits }) => limit(limits.requestsPerMinute) },
  { head: 'Input tokens', kind: 'number', cell: ({ limits }) => limit(limits.inputTokensPerMinute) },
  { head: 'Output tokens', kind: 'number', cell: ({ limits }) => limit(limits.outputTokensPerMinute) },
  { head: 'In flight', kind: 'number', cell: ({ limits }) => limit(limits.maxInFlight) },
];

/** Lanes on which nothing happened lately: their limits are all there is to see. */
export function IdleLanes({
  lanes,
  acts,
}: {
  lanes: LaneView[];
  acts: (lane: LaneView) => ReactElement;
}): ReactElement {
  const actions: Column<LaneView> = {
    head: <span className="visually-hidden">What can be done</span>,
    cell: (lane) => <span className="row lane-acts">{acts(lane)}</span>,
  };
  return (
    <Panel id="idle" title="Idle lanes">
      <Table columns={[...LIMITS, actions]} rows={lanes} keyOf={({ id }) => id} />
    </Panel>
  );
}
