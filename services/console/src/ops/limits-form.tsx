import type { LaneSpec, LaneView } from '@crosscheck/contracts';
import { type ReactElement, useState } from 'react';
import { Dialog } from '../ui/dialog.tsx';
import { Refused } from '../ui/refused.tsx';
import { Changes, NumberFields, useNumbers } from './number-fields.tsx';
import type { NumberField } from './numbers.ts';

type Limit = 'requestsPerMinute' | 'inputTokensPerMinute' | 'outputTokensPerMinute' | 'maxInFlight';

const low = 'More than 0. To stop the lane, pause it.';
const FIELDS: NumberField<Limit>[] = [
  { name: 'requestsPerMinute', label: 'Requests a minute', max: 1e9, low },
  { name: 'inputTokensPerMinute', label: 'Input tokens a minute', max: 1e9, low },
  { name: 'outputTokensPerMinute', label: 'Output tokens a minute', max: 1e9, low },
  { name: 'maxInFlight', label: 'Calls in flight', max: 10_000, whole: 'A whole number of calls.', low },
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
  const typed = useNumbers(FIELDS, lane.limits);
  const climbed = lane.limits.rampUp ?? false;
  const [rampUp, setRampUp] = useState(climbed);
  const changes = [
    ...typed.changes.map(({ said }) => said),
    ...(rampUp === climbed ? [] : [`Climb slowly: ${rampUp ? 'on' : 'off'}`]),
  ];
  return (
    <Dialog
      open
      title={`Limits of ${lane.id}`}
      submit="Set the limits"
      busy={busy || typed.hasFault || changes.length === 0}
      onClose={onClose}
      onSubmit={() => onSubmit({ ...typed.values, rampUp })}
    >
      <p className="quiet small">An empty field is no limit. All workers keep to a change within a second.</p>
      <NumberFields typed={typed} none="no limit" />
      <label className="check">
        <input type="checkbox" checked={rampUp} onChange={({ target }) => setRampUp(target.checked)} /> Climb slowly
        after ten idle minutes
      </label>
      <Changes changes={changes} />
      <Refused error={error} />
    </Dialog>
  );
}
