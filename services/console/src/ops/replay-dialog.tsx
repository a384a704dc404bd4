import { counted, type Replayed, type ReplayRequest } from '@crosscheck/contracts';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { replay } from '../api/operations.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Refused } from '../ui/refused.tsx';
import { Loading } from '../ui/states.tsx';

export type ReplayOf = { name: string; filter: Omit<ReplayRequest, 'dryRun'> };

/** Says by a dry run what would run again, and only then runs it. */
export function ReplayDialog({ of: { name, filter }, onClose }: { of: ReplayOf; onClose: () => void }): ReactElement {
  const client = useQueryClient();
  const dryRun = useQuery({
    queryKey: ['ops', 'dry-run', filter],
    queryFn: () => replay({ ...filter, dryRun: true }),
    staleTime: 0,
    gcTime: 0,
  });
  const run = useMutation({
    mutationFn: () => replay({ ...filter, dryRun: false }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['ops', 'dead-letters'] }),
  });
  const found = run.data ?? dryRun.data;
  const isDone = run.data !== undefined;
  return (
    <Dialog
      open
      title={isDone ? 'Planned again' : `Replay ${name}?`}
      submit={isDone ? 'Close' : toSubmit(found)}
      busy={run.isPending || (!isDone && (found?.trials ?? 0) === 0)}
      onClose={onClose}
      onSubmit={() => (isDone ? onClose() : run.mutate())}
    >
      {found ? <Found found={found} isDone={isDone} /> : !dryRun.error && <Loading what="the dry run" />}
      <Refused error={run.error ?? dryRun.error} />
    </Dialog>
  );
}

function toSubmit(found: Replayed | undefined): string {
  if (!found) return 'Dry run …';
  return found.trials === 0 ? 'Nothing to replay' : `Replay ${counted(found.trials, 'trial')}`;
}

function Found({ found: { trials, sweeps }, isDone }: { found: Replayed; isDone: boolean }): ReactElement {
  return (
    <div role="status" className="stack">
      <p>
        {isDone
          ? `${counted(trials, 'trial')} of ${counted(sweeps.length, 'sweep')} ${trials === 1 ? 'runs' : 'run'} again.`
          : `Dry run: ${counted(trials, 'trial')} of ${counted(sweeps.length, 'sweep')} would run again. Calls cost again; an answer that only its judge failed is not bought twice. Finished sweeps go on, paused ones stay paused.`}
      </p>
      <ul className="reasons">
        {sweeps.map(({ id, name, state, trials: ofSweep }) => (
          <li key={id}>
            <b className="foreign">{name}</b> {counted(ofSweep, 'trial')} <span className="quiet">{state}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
