import { count, OUTCOMES } from '@crosscheck/contracts';
import type { CSSProperties, ReactElement } from 'react';
import { percent, words } from './format.ts';

export type Progress = { planned: number; settled: number; outcomes: Partial<Record<string, number>> };

const partsOf = ({ outcomes }: Progress) =>
  OUTCOMES.map((outcome) => ({ outcome, n: outcomes[outcome] ?? 0 })).filter(({ n }) => n > 0);
const swatch = (outcome: string) => ({ '--swatch': `var(--o-${outcome})` }) as CSSProperties;

/** Settled trials by outcome, of all that are planned. */
export function OutcomeBar({ progress }: { progress: Progress }): ReactElement {
  const { planned, settled } = progress;
  const said = partsOf(progress).map(({ outcome, n }) => `${count(n)} ${words(outcome)}`);
  return (
    <div
      className="bar"
      role="img"
      aria-label={`${count(settled)} of ${count(planned)} trials settled${said.length > 0 ? `: ${said.join(', ')}` : ''}`}
    >
      {partsOf(progress).map(({ outcome, n }) => (
        <i key={outcome} style={{ ...swatch(outcome), '--share': (n / Math.max(planned, 1)) * 100 } as CSSProperties} />
      ))}
    </div>
  );
}

/** The bar in words: each outcome with its count and its share of what settled. */
export function OutcomeLegend({ progress }: { progress: Progress }): ReactElement {
  const pending = progress.planned - progress.settled;
  return (
    <ul className="legend">
      {partsOf(progress).map(({ outcome, n }) => (
        <li key={outcome} className="outcome" style={swatch(outcome)}>
          <span>
            {words(outcome)} <b>{count(n)}</b> <span className="quiet">{percent(n / progress.settled)}</span>
          </span>
        </li>
      ))}
      {pending > 0 && (
        <li className="outcome" style={swatch('pending')}>
          <span>
            pending <b>{count(pending)}</b>
          </span>
        </li>
      )}
    </ul>
  );
}
