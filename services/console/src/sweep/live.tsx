import { count, type SweepDetail } from '@crosscheck/contracts';
import type { CSSProperties, ReactElement } from 'react';
import { Fact } from '../ui/fact.tsx';
import { duration, moment, percent, usd } from '../ui/format.ts';
import { OutcomeBar, OutcomeLegend } from '../ui/outcome-bar.tsx';
import { useNow } from '../ui/use-now.ts';

/** Progress by outcome, pace, money and what the cache saved. */
export function Live({ sweep }: { sweep: SweepDetail }): ReactElement {
  const { progress } = sweep;
  return (
    <section className="panel" aria-label="Progress">
      <div className="panel-body stack">
        <div className="row spread">
          <p>
            <b>{count(progress.settled)}</b> of {count(progress.planned)} trials settled
          </p>
          <b>{percent(progress.settled / Math.max(1, progress.planned))}</b>
        </div>
        <OutcomeBar progress={progress} />
        <OutcomeLegend progress={progress} />
      </div>
      <dl className="facts facts-flush">
        <Pace sweep={sweep} />
        <Spend sweep={sweep} />
        <Fact name="Calls" note={`${count(sum(sweep.tokens))} tokens`}>
          {count(sweep.attempts)}
        </Fact>
        <Fact
          name="Input from cache"
          note={`${count(sweep.cache.readTokens)} tokens, ${usd(sweep.cache.savedUsd)} saved`}
        >
          {cachedShare(sweep.tokens)}
        </Fact>
      </dl>
    </section>
  );
}

/** Of all input tokens, those that were read from the cache. */
function cachedShare({ uncached = 0, cacheWrite = 0, cacheRead = 0 }: SweepDetail['tokens']): string {
  const input = uncached + cacheWrite + cacheRead;
  return input === 0 ? '–' : percent(cacheRead / input);
}

function Pace({ sweep }: { sweep: SweepDetail }): ReactElement {
  const nowMs = useNow();
  const { state, perMinute, progress, eta, startedAt, finishedAt, createdAt } = sweep;
  if (state === 'running') {
    const left = progress.planned - progress.settled;
    const leftMs = perMinute > 0 ? (left / perMinute) * 60_000 : null;
    return (
      <>
        <Fact name="Rate" note="lately">
          {count(Math.round(perMinute))} / min
        </Fact>
        <Fact
          name="Left"
          note={
            eta === null
              ? 'as soon as something settles'
              : `${duration(eta.lowMs)} to ${eta.highMs === null ? '?' : duration(eta.highMs)}`
          }
        >
          {leftMs === null ? '–' : `about ${duration(leftMs)}`}
        </Fact>
      </>
    );
  }
  const sinceMs = Date.parse(startedAt ?? createdAt);
  return (
    <Fact name={finishedAt === null ? 'Since' : 'Took'} note={moment(finishedAt ?? startedAt ?? createdAt)}>
      {duration((finishedAt === null ? nowMs : Date.parse(finishedAt)) - sinceMs)}
    </Fact>
  );
}

function Spend({ sweep: { spend, quote } }: { sweep: SweepDetail }): ReactElement {
  const expected = (quote as { usd?: { expected: number } | null } | null)?.usd?.expected;
  const share = spend.budgetUsd === null ? null : Math.min(100, (spend.usd / spend.budgetUsd) * 100);
  return (
    <Fact
      name="Spend"
      note={
        <>
          {spend.budgetUsd === null ? 'no budget' : `of ${usd(spend.budgetUsd)}`}
          {expected !== undefined && `, quoted ${usd(expected)}`}
        </>
      }
    >
      {usd(spend.usd)}
      {share !== null && (
        <div className="meter" role="img" aria-label={`${share.toFixed(0)} percent of the budget`}>
          <i style={{ '--share': share } as CSSProperties} />
        </div>
      )}
    </Fact>
  );
}

const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((all, one) => all + one, 0);
