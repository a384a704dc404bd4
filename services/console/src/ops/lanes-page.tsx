import { count, type LaneView } from '@crosscheck/contracts';
import { useQuery } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { laneUseQuery, lanesQuery, WINDOW_MINUTES } from '../api/operations.ts';
import { Fact } from '../ui/fact.tsx';
import { PageHead } from '../ui/page-head.tsx';
import { Empty, Ready } from '../ui/states.tsx';
import { useNow } from '../ui/use-now.ts';
import { type LaneQuestion, LaneDialogs } from './lane-dialogs.tsx';
import { IdleLanes } from './idle-lanes.tsx';
import { LanePanel } from './lane-panel.tsx';
import { ForScope } from './ops-layout.tsx';
import { isBusy, resourcesOf, sumOf } from './use-of.ts';

/** What every lane may spend and does spend, live; changing and stopping it. */
export const LanesPage = (): ReactElement => (
  <ForScope scope="ops" title="Lanes">
    <Lanes />
  </ForScope>
);

function Lanes(): ReactElement {
  const query = useQuery(lanesQuery);
  const [question, setQuestion] = useState<LaneQuestion>(null);
  const lanes = query.data?.lanes ?? [];
  const paused = lanes.filter((lane) => lane.paused !== null);
  return (
    <>
      <PageHead
        title="Lanes"
        about={`Use against limit, the last ${WINDOW_MINUTES} minutes. The dashed line is the limit.`}
      >
        <div className="row">
          {paused.length > 0 && (
            <button type="button" className="button" onClick={() => setQuestion({ act: 'resume', lane: null })}>
              Resume everything
            </button>
          )}
          <button
            type="button"
            className="button button-danger"
            disabled={lanes.length === paused.length}
            onClick={() => setQuestion({ act: 'pause', lane: null })}
          >
            Pause everything
          </button>
        </div>
      </PageHead>
      <Ready query={query} what="the lanes">
        {({ lanes: known }) =>
          known.length === 0 ? (
            <Empty title="No lane yet">
              <p>A lane is one provider account and one model. The first sweep that names a model makes its lane.</p>
            </Empty>
          ) : (
            <Board lanes={known} ask={setQuestion} />
          )
        }
      </Ready>
      <LaneDialogs lanes={lanes} question={question} onClose={() => setQuestion(null)} />
    </>
  );
}

function Board({ lanes, ask }: { lanes: LaneView[]; ask: (question: LaneQuestion) => void }): ReactElement {
  const use = useQuery(laneUseQuery).data;
  const levels = useQuery(lanesQuery).data?.levels ?? [];
  const nowMs = useNow();
  const until = nowMs / 1_000;
  const busy = lanes.filter((lane) => isBusy(lane, use));
  const idle = lanes.filter((lane) => !isBusy(lane, use));
  return (
    <>
      <Totals lanes={lanes} busy={busy.length} calls={use?.lanes ?? []} />
      {busy.map((lane) => (
        <LanePanel
          key={lane.id}
          lane={lane}
          used={use?.lanes.find((one) => one.lane === lane.id)}
          resources={resourcesOf(lane, { use, levels, untilS: until })}
          window={{ from: until - WINDOW_MINUTES * 60, until }}
          nowMs={nowMs}
          acts={<Acts lane={lane} ask={ask} />}
        />
      ))}
      {idle.length > 0 && <IdleLanes lanes={idle} acts={(lane) => <Acts lane={lane} ask={ask} />} />}
    </>
  );
}

function Acts({ lane, ask }: { lane: LaneView; ask: (question: LaneQuestion) => void }): ReactElement {
  const act = lane.paused === null ? 'pause' : 'resume';
  return (
    <>
      <button
        type="button"
        className="button button-small"
        aria-label={`Change the limits of ${lane.id}`}
        onClick={() => ask({ act: 'limits', lane })}
      >
        Limits
      </button>
      <button
        type="button"
        className="button button-small"
        aria-label={`${act === 'pause' ? 'Pause' : 'Resume'} ${lane.id}`}
        onClick={() => ask({ act, lane })}
      >
        {act === 'pause' ? 'Pause' : 'Resume'}
      </button>
    </>
  );
}

function Totals({
  lanes,
  busy,
  calls,
}: {
  lanes: LaneView[];
  busy: number;
  calls: { calls: number[]; limited: number[] }[];
}): ReactElement {
  const inFlight = lanes.reduce((sum, { budget }) => sum + (budget?.inFlight ?? 0), 0);
  const lastMinute = calls.reduce((sum, use) => sum + sumOf(use.calls.slice(-6)), 0);
  const limited = calls.reduce((sum, use) => sum + sumOf(use.limited), 0);
  const paused = lanes.filter((lane) => lane.paused !== null).length;
  return (
    <dl className="facts">
      <Fact name="Lanes" note={`${count(busy)} busy, ${count(paused)} paused`}>
        {count(lanes.length)}
      </Fact>
      <Fact name="Calls in flight" note="now">
        {count(inFlight)}
      </Fact>
      <Fact name="Calls" note="in the last minute">
        {count(lastMinute)}
      </Fact>
      <Fact name="Refused with a 429" note={`in ${WINDOW_MINUTES} minutes`}>
        {count(limited)}
      </Fact>
    </dl>
  );
}
