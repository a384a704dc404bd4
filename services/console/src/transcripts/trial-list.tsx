import { count, type SweepDetail } from '@crosscheck/contracts';
import { useNavigate } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactElement, type ReactNode, useEffect, useRef, useState } from 'react';
import { specOf } from '../api/spec.ts';
import type { TrialFilter } from '../api/trials.ts';
import { Refused } from '../ui/refused.tsx';
import { useNarrow } from '../ui/use-narrow.ts';
import { TrialLine } from './trial-line.tsx';
import { useRows } from './use-rows.ts';

const ROW_PX = 34;
const NARROW_ROW_PX = 74;
const OVERSCAN = 12;
const PAGE = 20;

/** Rows of any number. Arrows, Page, Home and End go through them, Enter opens one; what is not in sight does not exist. */
export function TrialList({
  sweep,
  ids,
  filter,
  row,
  children,
}: {
  sweep: SweepDetail;
  ids: string[];
  filter: TrialFilter;
  /** from 1: where the list begins, and which one is marked */
  row: number | null;
  /** what is said above the list */
  children: ReactNode;
}): ReactElement {
  const scroller = useRef<HTMLDivElement>(null);
  const isNarrow = useNarrow();
  const rowPx = isNarrow ? NARROW_ROW_PX : ROW_PX;
  const start = row === null ? 0 : Math.min(ids.length, Math.max(1, row)) - 1;
  const [at, setAt] = useState(start);
  const virtual = useVirtualizer({
    count: ids.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: OVERSCAN,
    initialOffset: Math.max(0, start - 3) * rowPx,
    useFlushSync: false,
  });
  useEffect(() => virtual.measure(), [virtual, rowPx]);
  const seen = virtual.getVirtualItems();
  const { rowAt, error } = useRows({
    sweepId: sweep.id,
    ids,
    text: filter.text,
    first: seen[0]?.index ?? 0,
    last: seen.at(-1)?.index ?? -1,
  });
  const navigate = useNavigate();
  const go = (index: number) => {
    const to = Math.min(ids.length - 1, Math.max(0, index));
    setAt(to);
    virtual.scrollToIndex(to, { align: 'auto' });
  };
  const step = (event: KeyboardEvent) => {
    const move: Record<string, number> = {
      ArrowDown: at + 1,
      j: at + 1,
      ArrowUp: at - 1,
      k: at - 1,
      PageDown: at + PAGE,
      PageUp: at - PAGE,
      Home: 0,
      End: ids.length - 1,
    };
    const to = move[event.key];
    if (event.key === 'Enter' && event.target === scroller.current) {
      const trialId = ids[at];
      if (trialId !== undefined) {
        void navigate({
          to: '/sweeps/$sweepId/trials/$trialId',
          params: { sweepId: sweep.id, trialId },
          search: filter,
        });
      }
      return;
    }
    if (to === undefined || event.metaKey || event.ctrlKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <>
      <div className="list-bar">
        {children}
        <GoTo
          length={ids.length}
          onGo={(index) => {
            go(index);
            scroller.current?.focus();
          }}
        />
      </div>
      <Refused error={error} />
      <div
        ref={scroller}
        className={classesOf(sweep)}
        role="grid"
        aria-label="Trials in their planned order"
        aria-rowcount={ids.length}
        aria-activedescendant={`trial-row-${at}`}
        tabIndex={0}
        onKeyDown={step}
      >
        <div className="trial-rows" role="presentation" style={{ height: virtual.getTotalSize() }}>
          {seen.map(({ index, start: top }) => (
            <TrialLine
              key={ids[index]}
              index={index}
              top={top}
              isAt={index === at}
              row={rowAt(index)}
              sweepId={sweep.id}
              trialId={ids[index] ?? ''}
              filter={filter}
            />
          ))}
        </div>
      </div>
    </>
  );
}

/** A column that says the same in every row is left out. */
function classesOf(sweep: SweepDetail): string {
  const { models, graders } = specOf(sweep);
  const graded = graders.length > 1 ? ' trial-list-graders' : '';
  return `trial-list${models.length > 1 ? ' trial-list-models' : ''}${graded}`;
}

/** To a row by its number. */
function GoTo({ length, onGo }: { length: number; onGo: (index: number) => void }): ReactElement {
  const [text, setText] = useState('');
  return (
    <form
      className="go-to row small"
      onSubmit={(event) => {
        event.preventDefault();
        const wanted = Number(text.replaceAll(/[\s,.]/g, ''));
        if (Number.isInteger(wanted) && wanted >= 1) onGo(wanted - 1);
      }}
    >
      <label className="row">
        <span className="quiet">Go to row</span>
        <input
          className="input go-to-input"
          inputMode="numeric"
          pattern="[0-9 ,.]+"
          placeholder={`1 – ${count(length)}`}
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
      </label>
      <button type="submit" className="button button-small">
        Go
      </button>
    </form>
  );
}
