import { count, counted, type LaneUse, type LaneView } from '@crosscheck/contracts';
import { memo, type ReactElement, useCallback, useState } from 'react';
import { Badge } from '../ui/badge.tsx';
import { ago, duration, moment } from '../ui/format.ts';
import { LineChart } from './line-chart.tsx';
import { short } from './short.ts';
import { type Resource, sumOf } from './use-of.ts';

type Props = {
  lane: LaneView;
  used: LaneUse['lanes'][number] | undefined;
  resources: Resource[];
  window: { from: number; until: number };
  nowMs: number;
  acts: ReactElement;
};

/** One lane: its state, what waits, and what it takes of each resource against its limit. */
export function LanePanel({ lane, used, resources, window, nowMs, acts }: Props): ReactElement {
  const { id, backlog } = lane;
  const limited = sumOf(used?.limited);
  const failed = sumOf(used?.failed);
  return (
    <article className="panel lane" aria-label={id}>
      <header>
        <h2 className="foreign">{id}</h2>
        <LaneState lane={lane} nowMs={nowMs} />
        <span className="lane-counts small quiet">
          {counted(backlog.planned + backlog.queued, 'trial')} wait
          {backlog.oldestQueuedAt !== null && `, the oldest since ${ago(backlog.oldestQueuedAt, nowMs)}`} ·{' '}
          <span className={limited > 0 ? 'lane-bad' : undefined}>{count(limited)} × 429</span>
          {failed > 0 && ` · ${count(failed)} failed`}
        </span>
        <span className="row lane-acts">{acts}</span>
      </header>
      <Closed lane={lane} nowMs={nowMs} />
      <div className="lane-charts">
        {resources.map((resource) => (
          <Gauge key={resource.name} resource={resource} window={window} />
        ))}
      </div>
    </article>
  );
}

export function LaneState({
  lane: { paused, budget, limits },
  nowMs,
}: {
  lane: LaneView;
  nowMs: number;
}): ReactElement {
  if (paused) return <Badge tone="bad">paused</Badge>;
  if (budget === null) return <Badge tone="warn">budget unknown</Badge>;
  if (budget.hold && budget.hold.untilMs > nowMs) return <Badge tone="warn">held</Badge>;
  if (isSlowed(budget.requestsPerMinute, limits.requestsPerMinute) || isSlowed(budget.inFlightMax, limits.maxInFlight))
    return <Badge tone="warn">slowed</Badge>;
  return <Badge tone="good">open</Badge>;
}

/** Pacing stays half a percent below a limit by design: that is no slowing. */
const isSlowed = (inForce: number | null, limit: number | null | undefined): boolean =>
  inForce !== null && limit !== null && limit !== undefined && inForce < limit * 0.98;

/** Why nothing is sent, or less than allowed, and until when. */
function Closed({
  lane: { paused, budget, limits, waits },
  nowMs,
}: {
  lane: LaneView;
  nowMs: number;
}): ReactElement | null {
  if (paused) {
    return (
      <p className="lane-note lane-note-bad">
        <b>Paused</b> <span className="foreign">{paused.reason}</span>
        <span className="quiet">
          {paused.at !== null && ` · since ${moment(paused.at)}`}
          {paused.until === null ? ' · until somebody resumes it' : ` · opens by itself at ${moment(paused.until)}`}
        </span>
      </p>
    );
  }
  if (budget?.hold && budget.hold.untilMs > nowMs) {
    return (
      <p className="lane-note">
        <b>Held</b> <span className="foreign">{budget.hold.reason}</span>
        <span className="quiet"> · opens in {duration(budget.hold.untilMs - nowMs)}</span>
      </p>
    );
  }
  if (budget && isSlowed(budget.requestsPerMinute, limits.requestsPerMinute)) {
    return (
      <p className="lane-note">
        <b>Slowed</b> to {count(Math.round(budget.requestsPerMinute ?? 0))} requests a minute after a 429; it climbs
        back while sending goes well.
      </p>
    );
  }
  return waits === null ? null : (
    <p className="lane-note lane-note-quiet">
      <span className="foreign">{waits.detail}</span>
    </p>
  );
}

const Gauge = memo(function Gauge({
  resource: { name, line, limit, now },
  window: { from, until },
}: {
  resource: Resource;
  window: Props['window'];
}): ReactElement {
  const [point, setPoint] = useState<number | null>(null);
  const onPoint = useCallback((index: number | null) => setPoint(index), []);
  const at = point === null ? undefined : line.times[point];
  const value = point === null ? now : (line.values[point] ?? now);
  const highest = Math.max(0, ...line.values);
  const limits = limit === null ? 'no limit' : `of ${short(limit)}`;
  const said = `${name}: ${short(now)} ${limits} now, at most ${short(highest)} in the last ten minutes`;
  const isFull = limit !== null && value >= limit * 0.9;
  return (
    <figure className="gauge">
      <figcaption>
        <span className="quiet">{at === undefined ? name : new Date(at * 1_000).toTimeString().slice(0, 8)}</span>
        <span>
          <b className={isFull ? 'gauge-full' : undefined}>{short(value)}</b> <span className="quiet">{limits}</span>
        </span>
      </figcaption>
      <LineChart line={line} limit={limit} from={from} until={until} label={said} onPoint={onPoint} />
    </figure>
  );
});
