import type { SweepDetail } from '@crosscheck/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { useMayDo } from '../api/session.ts';
import { type Act, act, setBudget } from '../api/sweeps.ts';
import { Failure } from '../ui/states.tsx';
import { BudgetDialog, CancelDialog, RetryDialog } from './action-dialogs.tsx';
import { Exports } from './exports.tsx';
import { ExtendDialog } from './extend-dialog.tsx';

const LOST = ['infra_failed', 'judge_failed'] as const;
type Question = 'cancel' | 'retry' | 'extend' | 'budget' | null;

/** What can be done with a sweep in its state. What the key may not do is there, disabled, with the reason. */
export function Actions({ sweep }: { sweep: SweepDetail }): ReactElement {
  const { id, state, provenance, progress } = sweep;
  const mayAct = useMayDo('submit');
  const client = useQueryClient();
  const [question, setQuestion] = useState<Question>(null);
  const doAct = useMutation({
    mutationFn: ({ what, body }: { what: Act | 'budget'; body?: unknown }) =>
      what === 'budget' ? setBudget(id, (body as { usd: number }).usd) : act(id, what, body),
    onSuccess: () => {
      setQuestion(null);
      return client.invalidateQueries({ queryKey: ['sweep', id] });
    },
  });
  const lost = LOST.reduce((sum, outcome) => sum + (progress.outcomes[outcome] ?? 0), 0);
  const isLive = state === 'running' || state === 'planning';
  const button = (label: string, onClick: () => void, primary = false) => (
    <button
      type="button"
      className={`button${primary ? ' button-primary' : ''}`}
      disabled={!mayAct || doAct.isPending}
      title={mayAct ? undefined : 'Your key lacks the scope submit'}
      onClick={onClick}
    >
      {label}
    </button>
  );
  const shared = { sweep, busy: doAct.isPending, error: doAct.error, onClose: () => setQuestion(null) };
  const run = (what: Act | 'budget') => (body?: unknown) => doAct.mutate({ what, body });
  return (
    <div className="stack actions">
      <div className="row">
        {isLive && button('Pause', () => doAct.mutate({ what: 'pause' }))}
        {state === 'paused' && button('Resume', () => doAct.mutate({ what: 'resume' }), true)}
        {lost > 0 && button('Retry failed', () => setQuestion('retry'))}
        {provenance !== 'imported' && state !== 'cancelled' && button('Extend', () => setQuestion('extend'))}
        {(isLive || state === 'paused') && button('Budget', () => setQuestion('budget'))}
        {(isLive || state === 'paused') && button('Cancel', () => setQuestion('cancel'))}
        <Exports sweep={sweep} />
      </div>
      {doAct.error && question === null && <Failure error={doAct.error} retry={() => doAct.reset()} />}
      <CancelDialog {...shared} open={question === 'cancel'} onSubmit={run('cancel')} />
      <RetryDialog {...shared} open={question === 'retry'} lost={lost} onSubmit={run('retry')} />
      <BudgetDialog {...shared} open={question === 'budget'} onSubmit={run('budget')} />
      <ExtendDialog {...shared} open={question === 'extend'} onSubmit={run('extend')} />
    </div>
  );
}
