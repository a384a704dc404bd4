import type { Metrics } from '@crosscheck/contracts';
import type { ReactElement } from 'react';

/** Before any number: whether it is evidence, whether the gap survives its controls, what ended early. */
export function Headline({ metrics: { provenance, summary, stops = [] } }: { metrics: Metrics }): ReactElement | null {
  if (provenance !== 'simulated' && !summary && stops.length === 0) return null;
  return (
    <div className="stack">
      {provenance === 'simulated' && (
        <p className="note note-warn">
          <strong>Simulated</strong>
          <span>A simulator answered. Nothing here is evidence about a real model.</span>
        </p>
      )}
      {summary && (
        <div className={summary.survives === false ? 'note note-bad' : 'note'}>
          <strong className="foreign">{summary.sentence}</strong>
          <ul className="small stack tight">
            {summary.checks.map(({ model, grader, contrast, control, sentence }) => (
              <li key={`${model} ${grader} ${contrast} ${control}`} className="foreign">
                {sentence}
              </li>
            ))}
          </ul>
        </div>
      )}
      {stops.map(({ model, condition, rule, trials }) => (
        <p key={`${model} ${condition}`} className="note foreign">
          {model} under {condition} ended early: {rule}. {trials} trials were not run; of its numbers the sequence alone
          holds.
        </p>
      ))}
    </div>
  );
}
