import type { LaneSpec, LaneView } from '@crosscheck/contracts';
import { type ReactElement, useState } from 'react';
import { Dialog } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { count } from '../ui/format.ts';
import { Refused } from '../ui/refused.tsx';

type Limit = 'requestsPerMinute' | 'inputTokensPerMinute' | 'outputTokensPerMinute' | 'maxInFlight';
type Texts = Record<Limit, string>;

const FIELDS: { limit: Limit; label: string; max: number }[] = [
  { limit: 'requestsPerMinute', label: 'Requests a minute', max: 1e9 },
  { limit: 'inputTokensPerMinute', label: 'Input tokens a minute', max: 1e9 },
  { limit: 'outputTokensPerMinute', label: 'Output tokens a minute', max: 1e9 },
  { limit: 'maxInFlight', label: 'Calls in flight', max: 10_000 },
];

/** New limits of a lane: checked as they are typed, and what changes is said before it is done. */
export function LimitsForm({
  lane,
  busy,
  error,
  onClose,
  onSubmit,
}: {
  lane: LaneView;
  busy: boolean;
  error: Error | null;
  onClose: () => void;
  onSubmit: (limits: LaneSpec) => void;
}): ReactElement {
  const [texts, setTexts] = useState<Texts>(() => toTexts(lane.limits));
  const [rampUp, setRampUp] = useState(lane.limits.rampUp ?? false);
  const faults = FIELDS.map(({ limit, max }) => faultOf(texts[limit], limit, max));
  const changes = changesOf(lane.limits, texts, rampUp);
  const isReady = faults.every((fault) => fault === null) && changes.length > 0;
  return (
    <Dialog
      open
      title={`Limits of ${lane.id}`}
      submit="Set the limits"
      busy={busy || !isReady}
      onClose={onClose}
      onSubmit={() => onSubmit(toSpec(texts, rampUp))}
    >
      <p className="quiet small">An empty field is no limit. All workers keep to a change within a second.</p>
      <div className="limits">
        {FIELDS.map(({ limit, label }, index) => (
          <TextField
            key={limit}
            label={label}
            inputMode="numeric"
            placeholder="no limit"
            value={texts[limit]}
            fault={faults[index] ?? null}
            onText={(text) => setTexts((before) => ({ ...before, [limit]: text }))}
          />
        ))}
      </div>
      <label className="check">
        <input type="checkbox" checked={rampUp} onChange={({ target }) => setRampUp(target.checked)} /> Climb slowly
        after ten idle minutes
      </label>
      <p className="small" role="status">
        {changes.length === 0 ? 'Nothing changes yet.' : changes.join('; ')}
      </p>
      <Refused error={error} />
    </Dialog>
  );
}

/** `4,000`, `4 000` and `4000` are one number. */
const numberOf = (text: string): number | null => {
  const plain = text.replace(/[\s,_]/g, '');
  return plain === '' ? null : Number(plain);
};

/** As the api would refuse it. */
function faultOf(text: string, limit: Limit, max: number): string | null {
  const value = numberOf(text);
  if (value === null) return null;
  if (!Number.isFinite(value)) return 'This is no number.';
  if (limit === 'maxInFlight' && !Number.isInteger(value)) return 'A whole number of calls.';
  if (value <= 0) return 'More than 0. To stop the lane, pause it.';
  return value > max ? `At most ${count(max)}.` : null;
}

const toTexts = (limits: LaneSpec): Texts =>
  Object.fromEntries(FIELDS.map(({ limit }) => [limit, limits[limit] ? count(limits[limit]) : ''])) as Texts;

const toSpec = (texts: Texts, rampUp: boolean): LaneSpec => ({
  ...(Object.fromEntries(FIELDS.map(({ limit }) => [limit, numberOf(texts[limit])])) as LaneSpec),
  rampUp,
});

function changesOf(limits: LaneSpec, texts: Texts, rampUp: boolean): string[] {
  const say = (value: number | null | undefined) => (value === null || value === undefined ? 'none' : count(value));
  const changes = FIELDS.filter(({ limit }) => (limits[limit] ?? null) !== numberOf(texts[limit])).map(
    ({ limit, label }) => `${label}: ${say(limits[limit])} → ${say(numberOf(texts[limit]))}`,
  );
  return rampUp === (limits.rampUp ?? false) ? changes : [...changes, `Climb slowly: ${rampUp ? 'on' : 'off'}`];
}
