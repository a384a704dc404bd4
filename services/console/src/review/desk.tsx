import { count, counted, HUMAN_LABELS, type Measure, type Review, type ReviewItem } from '@crosscheck/contracts';
import { Link } from '@tanstack/react-router';
import { type CSSProperties, type ReactElement, useEffect, useRef } from 'react';
import type { DrawOf } from '../api/review.ts';
import { ForeignText } from '../text/foreign-text.tsx';
import { words } from '../ui/format.ts';
import { KeysHelp } from '../ui/keys-help.tsx';
import { Refused } from '../ui/refused.tsx';
import { useKeys } from '../ui/use-keys.ts';
import { type Desk, useDesk } from './use-desk.ts';

const KEYS: [string, string][] = [
  ['1 2 3 4', 'Label the answer in hand'],
  ['j s →', 'Next, without a label'],
  ['k ←', 'Previous'],
  ['u', 'Undo the last label'],
  ['?', 'These keys'],
];

/** The desk: one prompt, its answers side by side, one of them in hand. */
export function DeskView({ sweepId, draw, review }: { sweepId: string; draw: DrawOf; review: Review }): ReactElement {
  const desk = useDesk(sweepId, draw, review);
  const { items, at, go, say, undo } = desk;
  const labels = HUMAN_LABELS[draw.measure];
  useKeys({
    ...Object.fromEntries(labels.map((label, index) => [String(index + 1), () => say(label)])),
    j: () => go(at + 1),
    s: () => go(at + 1),
    ArrowRight: () => go(at + 1),
    k: () => go(at - 1),
    ArrowLeft: () => go(at - 1),
    u: undo,
  });
  const inHand = items[at];
  const unit = items.filter((item) => item.unit === inHand?.unit);
  return (
    <section className="panel desk" aria-label="Answers to label">
      <header>
        <Progress desk={desk} draw={draw} />
        <span className="row">
          <button type="button" className="button button-small" disabled={at === 0} onClick={() => go(at - 1)}>
            ‹ Previous
          </button>
          <button
            type="button"
            className="button button-small"
            disabled={at >= items.length - 1}
            onClick={() => go(at + 1)}
          >
            Skip ›
          </button>
          <button type="button" className="button button-small" disabled={!desk.canUndo} onClick={undo}>
            Undo
          </button>
          <KeysHelp keys={KEYS} />
          <Link to="/sweeps/$sweepId/review" params={{ sweepId }} className="button button-small">
            Another draw
          </Link>
        </span>
      </header>
      <Refused error={desk.error} />
      {inHand && (
        <>
          <div className="panel-body prompt-text" tabIndex={0} role="region" aria-label="Prompt">
            <h2 className="small quiet">Asked</h2>
            {inHand.request === '' ? (
              <p className="quiet">An import holds no prompts.</p>
            ) : (
              <ForeignText text={inHand.request} />
            )}
          </div>
          <div className="desk-answers" style={{ '--answers': unit.length } as CSSProperties}>
            {unit.map((item) => (
              <Answer
                key={item.id}
                item={item}
                measure={draw.measure}
                isInHand={item.id === inHand.id}
                onTake={() => go(items.indexOf(item))}
                onSay={say}
              />
            ))}
          </div>
        </>
      )}
    </section>
  );
}

function Progress({ desk: { items, labelled, at }, draw }: { desk: Desk; draw: DrawOf }): ReactElement {
  const units = (items.at(-1)?.unit ?? -1) + 1;
  const isDone = labelled === items.length;
  return (
    <div className="desk-progress">
      <span role="status">
        <b>{count(labelled)}</b> of {counted(items.length, 'answer')} labelled
        {isDone ? ': all of this draw' : ` · prompt ${count((items[at]?.unit ?? 0) + 1)} of ${count(units)}`}
      </span>
      <div className="meter" aria-hidden="true">
        <i style={{ '--share': (labelled / Math.max(1, items.length)) * 100 } as CSSProperties} />
      </div>
      <span className="small quiet">
        {words(draw.measure)} · by <bdi>{draw.labeller}</bdi> · codebook <bdi>{draw.codebook}</bdi> · seed {draw.seed}
      </span>
    </div>
  );
}

/** One answer, without a word on where it comes from. */
function Answer({
  item,
  measure,
  isInHand,
  onTake,
  onSay,
}: {
  item: ReviewItem;
  measure: Measure;
  isInHand: boolean;
  onTake: () => void;
  onSay: (label: (typeof HUMAN_LABELS)[Measure][number]) => void;
}): ReactElement {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isInHand) box.current?.scrollIntoView({ block: 'nearest' });
  }, [isInHand]);
  const name = `Answer ${item.place + 1}`;
  return (
    <div
      ref={box}
      className={`answer${isInHand ? ' answer-in-hand' : ''}`}
      role="group"
      aria-label={name}
      onClick={isInHand ? undefined : onTake}
    >
      <div className="row spread small">
        <b>{name}</b>
        {item.own ? (
          <span className="said">✓ {words(item.own.label)}</span>
        ) : (
          <span className="quiet">no label yet</span>
        )}
      </div>
      <div className="answer-text" tabIndex={0} role="region" aria-label={`${name}, text`}>
        {item.scratchpad !== null && (
          <>
            <h3 className="small quiet">Private reasoning</h3>
            <ForeignText text={item.scratchpad} />
            <h3 className="small quiet">Visible answer</h3>
          </>
        )}
        {item.answer === '' ? (
          <p className="quiet">Nothing that a user would have seen.</p>
        ) : (
          <ForeignText text={item.answer} />
        )}
      </div>
      {isInHand && (
        <div className="row answer-labels">
          {HUMAN_LABELS[measure].map((label, index) => (
            <button
              key={label}
              type="button"
              className="button button-small"
              aria-pressed={item.own?.label === label}
              onClick={() => onSay(label)}
            >
              <kbd>{index + 1}</kbd> {words(label)}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
