import type { LaneView } from '@crosscheck/contracts';
import type { ReactElement } from 'react';
import { count } from '../ui/format.ts';

const limit = (value: number | null | undefined): string =>
  value === null || value === undefined ? 'none' : count(value);

/** Lanes on which nothing happened lately: their limits are all there is to see. */
export function IdleLanes({
  lanes,
  acts,
}: {
  lanes: LaneView[];
  acts: (lane: LaneView) => ReactElement;
}): ReactElement {
  return (
    <section className="panel" aria-labelledby="idle">
      <header>
        <h2 id="idle">Idle lanes</h2>
      </header>
      <div className="table-wrap">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Lane</th>
              <th scope="col" className="number">
                Requests a minute
              </th>
              <th scope="col" className="number">
                Input tokens
              </th>
              <th scope="col" className="number">
                Output tokens
              </th>
              <th scope="col" className="number">
                In flight
              </th>
              <th scope="col">
                <span className="visually-hidden">What can be done</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {lanes.map((lane) => (
              <tr key={lane.id}>
                <th scope="row" className="foreign">
                  {lane.id}
                </th>
                <td className="number">{limit(lane.limits.requestsPerMinute)}</td>
                <td className="number">{limit(lane.limits.inputTokensPerMinute)}</td>
                <td className="number">{limit(lane.limits.outputTokensPerMinute)}</td>
                <td className="number">{limit(lane.limits.maxInFlight)}</td>
                <td>
                  <span className="row lane-acts">{acts(lane)}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
