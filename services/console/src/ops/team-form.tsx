import type { Quotas, TeamView } from '@crosscheck/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { changeTeam, type TeamChange, teamsQuery } from '../api/operations.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Refused } from '../ui/refused.tsx';
import { Changes, NumberFields, type Typed, useNumbers } from './number-fields.tsx';
import type { NumberField } from './numbers.ts';

type Part = 'weight' | 'monthlyBudgetUsd' | keyof Quotas;

const whole = 'A whole number.';
const FIELDS: NumberField<Part>[] = [
  { name: 'weight', label: 'Weight', max: 1_000, whole, isNeeded: true },
  { name: 'monthlyBudgetUsd', label: 'USD a month', max: 1e7 },
  { name: 'sweepsOpen', label: 'Open sweeps', max: 1e6, whole },
  { name: 'trialsPerSweep', label: 'Trials of one sweep', max: 1e12, whole },
  { name: 'trialsOpen', label: 'Open trials', max: 1e12, whole },
  { name: 'storageBytes', label: 'Storage, bytes', max: Number.MAX_SAFE_INTEGER, whole },
  { name: 'requestsPerSecond', label: 'Requests a second of one key', max: 100_000, whole },
];

/** A team's weight, its cap of the month and its quotas: checked as they are typed, and what changes is said before it is done. */
export function TeamForm({ team, onClose }: { team: TeamView; onClose: () => void }): ReactElement {
  const { id, name, weight, monthlyBudgetUsd, quotas } = team;
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (asked: TeamChange) => changeTeam(id, asked),
    onSuccess: () => {
      onClose();
      return client.invalidateQueries({ queryKey: teamsQuery.queryKey });
    },
  });
  const typed = useNumbers(FIELDS, { weight, monthlyBudgetUsd, ...quotas });
  return (
    <Dialog
      open
      title={`Weight and quotas of ${name}`}
      submit="Change the team"
      busy={change.isPending || typed.hasFault || typed.changes.length === 0}
      onClose={onClose}
      onSubmit={() => change.mutate(toChange(typed))}
    >
      <p className="quiet small">
        An empty field is no cap, no quota. A lane is shared by weight: twice the weight is twice the trials while both
        teams wait for it.
      </p>
      <NumberFields typed={typed} none="none" />
      <Changes changes={typed.changes.map(({ said }) => said)} />
      <Refused error={change.error} />
    </Dialog>
  );
}

/** Only what was changed: somebody else may have changed the rest since. */
function toChange({ values, changes }: Pick<Typed<Part>, 'values' | 'changes'>): TeamChange {
  const asked: Partial<typeof values> = Object.fromEntries(changes.map(({ name }) => [name, values[name]]));
  const { weight, monthlyBudgetUsd, ...quotas } = asked;
  return { weight: weight ?? undefined, monthlyBudgetUsd, quotas };
}
