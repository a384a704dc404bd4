import { count, type SweepDetail, type TranscriptView } from '@crosscheck/contracts';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { specOf } from '../api/spec.ts';
import type { TrialFilter } from '../api/trials.ts';
import { KeysHelp } from '../ui/keys-help.tsx';
import type { Column } from './use-columns.ts';
import type { Steps } from './use-steps.ts';

const KEYS: [string, string][] = [
  ['j →', 'Next trial of the list'],
  ['k ←', 'Previous trial of the list'],
  ['[ ]', 'Previous and next sample'],
  ['u', 'Back to the list'],
  ['?', 'These keys'],
];

type Props = {
  sweep: SweepDetail;
  own: TranscriptView;
  filter: TrialFilter;
  columns: Column[];
  samples: number[];
  steps: Steps;
  onSample: (sample: number) => void;
  onConditions: (conditions: string[]) => void;
};

/** Where one is: sweep, list, prompt, sample; and the ways on. */
export function TrialHead({ sweep, own, filter, columns, samples, steps, ...ways }: Props): ReactElement {
  const { onSample, onConditions } = ways;
  const { place, length, step } = steps;
  const row = place < 0 ? undefined : String(place + 1);
  return (
    <div className="stack trial-head">
      <nav className="crumbs small" aria-label="Where this is">
        <Link to="/sweeps/$sweepId" params={{ sweepId: sweep.id }} className="foreign">
          {sweep.name}
        </Link>
        <Link to="/sweeps/$sweepId/transcripts" params={{ sweepId: sweep.id }} search={{ ...filter, row }}>
          Transcripts
        </Link>
      </nav>
      <div className="row spread">
        <h1 className="foreign">{own.prompt.id}</h1>
        <span className="row">
          {place >= 0 && (
            <span className="small quiet" role="status">
              {count(place + 1)} of {count(length)}
            </span>
          )}
          <button type="button" className="button button-small" disabled={place <= 0} onClick={() => step(-1)}>
            ‹ Previous
          </button>
          <button
            type="button"
            className="button button-small"
            disabled={place < 0 || place >= length - 1}
            onClick={() => step(1)}
          >
            Next ›
          </button>
          <KeysHelp keys={KEYS} />
        </span>
      </div>
      <div className="row">
        <span className="small quiet foreign">{own.model}</span>
        {samples.length > 1 && (
          <label className="row small">
            <span className="quiet">Sample</span>
            <select
              className="input input-small"
              value={own.sample}
              onChange={({ target }) => onSample(Number(target.value))}
            >
              {samples.map((sample) => (
                <option key={sample} value={sample}>
                  {sample + 1} of {samples.length}
                </option>
              ))}
            </select>
          </label>
        )}
        <Conditions sweep={sweep} own={own.condition} columns={columns} onConditions={onConditions} />
        {Object.entries(own.prompt.labels ?? {}).map(([name, value]) => (
          <span key={name} className="badge badge-plain foreign">
            {name} {value}
          </span>
        ))}
      </div>
    </div>
  );
}

/** Which conditions stand beside the trial's own. */
function Conditions({
  sweep,
  own,
  columns,
  onConditions,
}: {
  sweep: SweepDetail;
  own: string;
  columns: Column[];
  onConditions: (conditions: string[]) => void;
}): ReactElement | null {
  const others = specOf(sweep).conditions.filter(({ id }) => id !== own);
  if (others.length < 2) return null;
  const shown = columns.map(({ condition }) => condition).filter((id) => id !== own);
  return (
    <fieldset className="row small beside">
      <legend className="quiet">Beside it</legend>
      {others.map(({ id }) => (
        <label key={id} className="row">
          <input
            type="checkbox"
            checked={shown.includes(id)}
            onChange={({ target }) => onConditions(target.checked ? [...shown, id] : shown.filter((one) => one !== id))}
          />
          <bdi>{id}</bdi>
        </label>
      ))}
    </fieldset>
  );
}
