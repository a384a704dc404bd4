import { counted, type SweepDetail, type TranscriptView } from '@crosscheck/contracts';
import { type ReactElement, useState } from 'react';
import { specOf } from '../api/spec.ts';
import { ForeignText } from '../text/foreign-text.tsx';
import { Outcome } from '../ui/badge.tsx';
import { words } from '../ui/format.ts';
import { quoteId, type StoredVote, votesOf } from './quotes.ts';
import { SideBySide } from './side-by-side.tsx';
import type { Column } from './use-columns.ts';

type Verdict = TranscriptView['verdicts'][number];
/** Votes that are shown before one asks for all. */
const VOTES_FIRST = 2;
/** What a vote holds that is shown in a place of its own. */
const SHOWN = new Set(['label', 'score', 'reason', 'quotes', 'met', 'statedVerdict', 'disagrees']);

/** What each grader made of it, and why. A quote leads to where it stands. */
export function Verdicts({ columns, sweep }: { columns: Column[]; sweep: SweepDetail }): ReactElement {
  return (
    <SideBySide title="Verdicts" columns={columns}>
      {(transcript) =>
        transcript.verdicts.length === 0 ? (
          <p className="quiet">No grader has spoken.</p>
        ) : (
          <div className="stack">
            {transcript.verdicts.map((verdict) => (
              <VerdictView key={verdict.grader} verdict={verdict} trial={transcript.id} sweep={sweep} />
            ))}
          </div>
        )
      }
    </SideBySide>
  );
}

function VerdictView({ verdict, trial, sweep }: { verdict: Verdict; trial: string; sweep: SweepDetail }): ReactElement {
  const { grader, measures, label, score, votes, version, detail } = verdict;
  const [isOpen, setOpen] = useState(false);
  const cast = votesOf(verdict);
  const shown = isOpen ? cast : cast.slice(0, VOTES_FIRST);
  const kind = specOf(sweep).graders.find(({ id }) => id === grader);
  return (
    <article className="verdict">
      <header className="row">
        <b className="foreign">{grader}</b>
        <Outcome outcome={label} />
        <span className="small quiet foreign">
          {[
            kind?.kind === 'judge' ? kind.model : kind?.kind,
            words(measures),
            score === null ? null : `score ${score.toFixed(2)}`,
            votes > 0 ? counted(votes, 'vote') : null,
            typeof detail['need'] === 'number' && votes > 1
              ? `${detail['need']} of ${String(detail['of'])} needed`
              : null,
            detail['curtailed'] === true ? 'decided early' : null,
            Number(detail['redraws']) > 0 ? `${String(detail['redraws'])} unreadable` : null,
          ]
            .filter(Boolean)
            .join(' · ')}
          {' · '}
          <span className="mono" title={`Version ${version}`}>
            {version.slice(0, 8)}
          </span>
        </span>
      </header>
      <RuleDetail verdict={verdict} trial={trial} />
      {shown.map((vote, index) => (
        <VoteView key={index} vote={vote} number={index + 1} of={cast.length} trial={trial} grader={grader} />
      ))}
      {cast.length > VOTES_FIRST && (
        <button type="button" className="button button-small" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? 'Fewer votes' : `All ${cast.length} votes`}
        </button>
      )}
    </article>
  );
}

function RuleDetail({ verdict: { grader, detail }, trial }: { verdict: Verdict; trial: string }): ReactElement | null {
  const { matched, chosen, fault, reason, code } = detail;
  if (typeof matched === 'string') {
    return (
      <p className="small">
        Matched <Quote text={matched} trial={trial} grader={grader} />
      </p>
    );
  }
  const said = [reason, code, fault, chosen].filter((one) => typeof one === 'string').join(' · ');
  if (matched === null) return <p className="small quiet">The pattern matched nothing.</p>;
  return said === '' ? null : (
    <div className="small">
      <ForeignText text={said} />
    </div>
  );
}

function VoteView({
  vote,
  number,
  of,
  trial,
  grader,
}: {
  vote: StoredVote;
  number: number;
  of: number;
  trial: string;
  grader: string;
}): ReactElement {
  const { label, score, reason, quotes = [], met } = vote;
  const more = Object.entries(vote).filter(([key, value]) => !SHOWN.has(key) && typeof value !== 'object');
  return (
    <div className="vote">
      <div className="row small">
        {of > 1 && <span className="quiet">Vote {number}</span>}
        {label !== undefined && <b>{words(label)}</b>}
        {typeof score === 'number' && <span className="quiet">score {score}</span>}
        {more.map(([key, value]) => (
          <span key={key} className="quiet">
            {words(key)} {String(value)}
          </span>
        ))}
        {vote['disagrees'] === true && (
          <span className="quiet">said {String(vote['statedVerdict'])}, its criteria say otherwise</span>
        )}
      </div>
      {met && (
        <div className="row small">
          {met.length === 0 ? (
            <span className="quiet">No criterion met</span>
          ) : (
            met.map((criterion) => (
              <span key={criterion} className="criterion">
                ✓ {words(criterion)}
              </span>
            ))
          )}
        </div>
      )}
      {reason !== undefined && reason !== '' && <ForeignText text={reason} />}
      {quotes.map((quote, index) => (
        <Quote key={index} text={quote} trial={trial} grader={grader} />
      ))}
    </div>
  );
}

/** Words of the answer. Where they stand in it they are marked: a press goes there. */
function Quote({ text, trial, grader }: { text: string; trial: string; grader: string }): ReactElement {
  const [isLost, setLost] = useState(false);
  const show = () => {
    const mark = document.getElementById(quoteId(trial, grader, text));
    setLost(mark === null);
    mark?.scrollIntoView({ block: 'center' });
    for (const other of document.querySelectorAll('.mark-found')) other.classList.remove('mark-found');
    mark?.classList.add('mark-found');
  };
  return (
    <button type="button" className="quote" onClick={show} title="Show where it stands">
      <ForeignText text={text} />
      {isLost && <span className="quiet small">Not in the text word for word.</span>}
    </button>
  );
}
