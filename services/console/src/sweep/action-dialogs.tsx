import { counted, type SweepDetail } from '@crosscheck/contracts';
import { type ReactElement, useState } from 'react';
import { Dialog } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { usd } from '../ui/format.ts';
import { Refused } from '../ui/refused.tsx';

export type ActionProps = {
  sweep: SweepDetail;
  open: boolean;
  busy: boolean;
  error: Error | null;
  onClose: () => void;
  onSubmit: (body?: unknown) => void;
};

export function CancelDialog({ sweep: { progress }, error, onSubmit, ...dialog }: ActionProps): ReactElement {
  const [reason, setReason] = useState('');
  const left = progress.planned - progress.settled;
  return (
    <Dialog
      {...dialog}
      title="Cancel this sweep?"
      submit="Cancel the sweep"
      tone="danger"
      onSubmit={() => onSubmit(reason.trim() === '' ? undefined : { reason: reason.trim() })}
    >
      <p>
        {counted(left, 'trial')} that {left === 1 ? 'has' : 'have'} not settled will settle as cancelled. What has
        settled stays, with its numbers.
      </p>
      <TextField label="Reason, for those who read it later" maxLength={500} value={reason} onText={setReason} />
      <Refused error={error} />
    </Dialog>
  );
}

export function RetryDialog({ lost, error, onSubmit, ...dialog }: ActionProps & { lost: number }): ReactElement {
  return (
    <Dialog
      {...dialog}
      title="Retry what failed?"
      submit={`Retry ${counted(lost, 'trial')}`}
      onSubmit={() => onSubmit()}
    >
      <p>
        {counted(lost, 'trial')} ended as infra failed or judge failed: lost on the way, which says nothing about the
        model. They run again; their calls cost again. Answers that were kept are not bought twice.
      </p>
      <Refused error={error} />
    </Dialog>
  );
}

/** A sweep that stopped at its budget goes on with a larger one. */
export function BudgetDialog({ sweep: { spend }, error, onSubmit, ...dialog }: ActionProps): ReactElement {
  const [amount, setAmount] = useState(String(spend.budgetUsd ?? ''));
  return (
    <Dialog
      {...dialog}
      title="Set the budget"
      submit="Set the budget"
      onSubmit={() => onSubmit({ usd: Number(amount) })}
    >
      <p>
        {usd(spend.usd)} spent so far. A sweep that paused because its budget was used up goes on as soon as the new one
        allows it.
      </p>
      <TextField
        label="Budget in USD, for the whole sweep"
        type="number"
        min="0.01"
        step="any"
        required
        value={amount}
        onText={setAmount}
      />
      <Refused error={error} />
    </Dialog>
  );
}
