import { count, counted, type DeadLetterGroup } from '@crosscheck/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { deadLettersQuery } from '../api/operations.ts';
import { ago, moment } from '../ui/format.ts';
import { PageHead } from '../ui/page-head.tsx';
import { Pages } from '../ui/pages.tsx';
import { Empty, Ready } from '../ui/states.tsx';
import { useNow } from '../ui/use-now.ts';
import { ForScope } from './ops-layout.tsx';
import { type ReplayOf, ReplayDialog } from './replay-dialog.tsx';

/** What failed for good, grouped by cause; each can be run again once its cause is mended. */
export const DeadLettersPage = (): ReactElement => (
  <ForScope scope="submit" title="Dead letters">
    <DeadLetters />
  </ForScope>
);

function DeadLetters(): ReactElement {
  const { lane, code, after } = useSearch({ from: '/shell/ops/dead-letters' });
  const query = useQuery(deadLettersQuery({ lane, code }, after));
  const [replayed, setReplayed] = useState<ReplayOf | null>(null);
  const isFiltered = lane !== undefined || code !== undefined;
  const filter = { ...(lane === undefined ? {} : { lane }), ...(code === undefined ? {} : { code }) };
  return (
    <>
      <PageHead
        title="Dead letters"
        about="Trials that failed for good: lost on the way, which says nothing about a model. Mend the cause, then replay."
      >
        {(query.data?.items.length ?? 0) > 0 && (
          <button
            type="button"
            className="button"
            onClick={() => setReplayed({ name: isFiltered ? 'all that are listed' : 'all dead letters', filter })}
          >
            Replay all
          </button>
        )}
      </PageHead>
      {isFiltered && (
        <p className="row">
          <span className="quiet">Only</span>
          {lane !== undefined && <span className="foreign">lane {lane}</span>}
          {code !== undefined && <span className="mono">{code}</span>}
          <Link to="/ops/dead-letters" className="button button-small">
            Show all
          </Link>
        </p>
      )}
      <Ready query={query} what="the dead letters">
        {({ items, next }) =>
          items.length === 0 ? (
            <Empty title="No dead letter">
              <p>Every trial that settled has an outcome that counts.</p>
            </Empty>
          ) : (
            <>
              <section className="panel" aria-label="Causes">
                {items.map((group) => (
                  <Group
                    key={`${group.fingerprint} ${group.code} ${group.lane}`}
                    group={group}
                    onReplay={setReplayed}
                  />
                ))}
              </section>
              {(next !== null || after !== undefined) && (
                <Pages to="/ops/dead-letters" search={{ lane, code }} after={after} next={next} />
              )}
            </>
          )
        }
      </Ready>
      {replayed && <ReplayDialog of={replayed} onClose={() => setReplayed(null)} />}
    </>
  );
}

function Group({ group, onReplay }: { group: DeadLetterGroup; onReplay: (of: ReplayOf) => void }): ReactElement {
  const nowMs = useNow(5_000);
  const { code, lane, purpose, detail, httpStatus, fingerprint, lastAt, firstAt } = group;
  return (
    <details className="cause">
      <summary>
        <span className="cause-count">{count(group.count)}</span>
        <span className="cause-name">
          <b className="mono">{code}</b>
          {httpStatus !== null && <span className="quiet"> HTTP {httpStatus}</span>}
          <span className="foreign cause-detail">{detail}</span>
        </span>
        <span className="quiet small foreign cause-lane">
          {lane ?? 'no lane'} · {purpose}
        </span>
        <time className="quiet small nowrap" dateTime={lastAt} title={moment(lastAt)}>
          {ago(lastAt, nowMs)}
        </time>
      </summary>
      <div className="cause-body">
        <pre className="foreign">{detail === '' ? 'The call left no words.' : detail}</pre>
        <dl className="pairs">
          <dt>When</dt>
          <dd>
            {moment(firstAt)} to {moment(lastAt)}
          </dd>
          <dt>Sweeps</dt>
          <dd className="row">
            {group.sweeps.slice(0, 8).map((id) => (
              <Link key={id} to="/sweeps/$sweepId" params={{ sweepId: id }} className="mono small">
                {id.slice(0, 13)}
              </Link>
            ))}
            {group.sweepCount > 8 && <span className="quiet">and {counted(group.sweepCount - 8, 'other')}</span>}
          </dd>
          <dt>Latest trials</dt>
          <dd className="row">
            {group.sampleTrials.map((id) => (
              <a key={id} href={`/trials/${id}`} className="mono small">
                {id}
              </a>
            ))}
          </dd>
        </dl>
        <div className="row">
          <button
            type="button"
            className="button"
            onClick={() =>
              onReplay({
                name: `${counted(group.count, 'trial')} of ${code}`,
                filter: { fingerprint, code, ...(lane === null ? {} : { lane }) },
              })
            }
          >
            Replay this cause
          </button>
          <Link to="/ops/dead-letters" search={{ code }} className="button">
            Only {code}
          </Link>
        </div>
      </div>
    </details>
  );
}
