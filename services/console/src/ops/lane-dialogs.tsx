import { counted, type LaneSpec, type LaneView } from '@crosscheck/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { actOnLane, setLimits } from '../api/operations.ts';
import { Dialog } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { Refused } from '../ui/refused.tsx';
import { LimitsForm } from './limits-form.tsx';

/** What is asked before it is done. A lane of null is all of them. */
export type LaneQuestion =
  | { act: 'pause' | 'resume'; lane: LaneView | null }
  | { act: 'limits'; lane: LaneView }
  | null;

type Props = { lanes: LaneView[]; question: LaneQuestion; onClose: () => void };

/** The questions that acts on lanes ask first. */
export function LaneDialogs({ lanes, question, onClose }: Props): ReactElement {
  const client = useQueryClient();
  const onSuccess = () => {
    onClose();
    return client.invalidateQueries({ queryKey: ['ops'] });
  };
  const change = useMutation({
    mutationFn: ({ lane, limits }: { lane: string; limits: LaneSpec }) => setLimits(lane, limits),
    onSuccess,
  });
  const act = useMutation({
    mutationFn: ({ lane, act: what, reason }: { lane: string | null; act: 'pause' | 'resume'; reason?: string }) =>
      actOnLane(lane, what, reason),
    onSuccess,
  });
  const close = () => {
    change.reset();
    act.reset();
    onClose();
  };
  const lane = question?.lane ?? null;
  const shared = { onClose: close, busy: act.isPending, error: act.error };
  return (
    <>
      {question?.act === 'limits' && (
        <LimitsForm
          key={question.lane.id}
          lane={question.lane}
          busy={change.isPending}
          error={change.error}
          onClose={close}
          onSubmit={(limits) => change.mutate({ lane: question.lane.id, limits })}
        />
      )}
      <PauseDialog
        key={`pause ${lane?.id}`}
        {...shared}
        open={question?.act === 'pause'}
        lane={lane}
        onSubmit={(reason) => act.mutate({ lane: lane?.id ?? null, act: 'pause', ...(reason ? { reason } : {}) })}
      />
      <ResumeDialog
        {...shared}
        open={question?.act === 'resume'}
        lane={lane}
        lanes={lanes}
        onSubmit={() => act.mutate({ lane: lane?.id ?? null, act: 'resume' })}
      />
    </>
  );
}

type ActProps = { open: boolean; lane: LaneView | null; busy: boolean; error: Error | null; onClose: () => void };

function PauseDialog({
  lane,
  error,
  onSubmit,
  ...dialog
}: ActProps & { onSubmit: (reason: string) => void }): ReactElement {
  const [reason, setReason] = useState('');
  const what = lane === null ? 'everything' : lane.id;
  return (
    <Dialog
      {...dialog}
      title={`Pause ${what}?`}
      submit={lane === null ? 'Pause everything' : 'Pause the lane'}
      tone="danger"
      onSubmit={() => onSubmit(reason.trim())}
    >
      <p>
        Nothing more is sent on {lane === null ? 'any lane' : 'this lane'}, for any team. Calls under way end and are
        kept. Sweeps wait, and go on when it is resumed.
      </p>
      <TextField label="Reason, shown to everybody who waits" maxLength={500} value={reason} onText={setReason} />
      <Refused error={error} />
    </Dialog>
  );
}

function ResumeDialog({
  lane,
  lanes,
  error,
  onSubmit,
  ...dialog
}: ActProps & { lanes: LaneView[]; onSubmit: () => void }): ReactElement {
  const opened = lane === null ? lanes.filter(({ paused }) => paused !== null) : [lane];
  return (
    <Dialog
      {...dialog}
      title={lane === null ? 'Resume everything?' : `Resume ${lane.id}?`}
      submit={lane === null ? `Resume ${counted(opened.length, 'lane')}` : 'Resume the lane'}
      onSubmit={onSubmit}
    >
      <p>Sending begins at once. Make sure that the causes are mended:</p>
      <ul className="reasons">
        {opened.map(({ id, paused }) => (
          <li key={id} className="foreign">
            <b>{id}</b> {paused?.reason}
          </li>
        ))}
      </ul>
      <Refused error={error} />
    </Dialog>
  );
}
