import { AF_VERDICTS, OUTCOMES, type SweepDetail } from '@crosscheck/contracts';
import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactElement, useEffect, useState } from 'react';
import { measureOf, specOf } from '../api/spec.ts';
import type { TrialFilter } from '../api/trials.ts';
import { SelectField, TextField } from '../ui/field.tsx';
import { words } from '../ui/format.ts';

const SEARCH_AFTER_MS = 350;

type Props = { sweep: SweepDetail; filter: TrialFilter };

/** What the list is narrowed by. Each choice is in the address at once. */
export function Filters({ sweep, filter }: Props): ReactElement {
  const navigate = useNavigate({ from: '/sweeps/$sweepId/transcripts' });
  const { conditions, models, graders } = specOf(sweep);
  const set = (change: TrialFilter) => void navigate({ search: { ...filter, ...change }, replace: true });
  const grader = graders.find(({ id }) => id === filter.grader);
  return (
    <form className="filters" role="search" aria-label="Trials" onSubmit={(event) => event.preventDefault()}>
      <Written
        label="Text in answers"
        placeholder="words, as they stand"
        value={filter.text ?? ''}
        onSettled={(text) => set({ text: text || undefined })}
      />
      <SelectField
        label="Outcome"
        none="Any"
        value={filter.outcome}
        options={OUTCOMES}
        nameOf={words}
        onChoose={(outcome) => set({ outcome })}
      />
      <SelectField
        label="Condition"
        none="Any"
        value={filter.condition}
        options={conditions.map(({ id }) => id)}
        onChoose={(condition) => set({ condition })}
      />
      {models.length > 1 && (
        <SelectField
          label="Model"
          none="Any"
          value={filter.model}
          options={models}
          onChoose={(model) => set({ model })}
        />
      )}
      <SelectField
        label="Grader"
        none="Any"
        value={filter.grader}
        options={graders.map(({ id }) => id)}
        onChoose={(chosen) => set({ grader: chosen, label: chosen && firstLabel(sweep, chosen) })}
      />
      {grader && (
        <SelectField
          label="says"
          value={filter.label}
          options={labelsOf(sweep, grader.id)}
          nameOf={words}
          onChoose={(label) => set({ label })}
        />
      )}
      <Written
        label="Prompt"
        placeholder="its whole id"
        value={filter.prompt ?? ''}
        onSettled={(prompt) => set({ prompt: prompt || undefined })}
      />
      {Object.keys(filter).length > 0 && (
        <Link
          to="/sweeps/$sweepId/transcripts"
          params={{ sweepId: sweep.id }}
          className="button button-quiet filters-clear"
        >
          Clear
        </Link>
      )}
    </form>
  );
}

function labelsOf(sweep: SweepDetail, grader: string): readonly string[] {
  const found = specOf(sweep).graders.find(({ id }) => id === grader);
  return found && measureOf(found) === 'af_reasoning' ? AF_VERDICTS : OUTCOMES;
}
const firstLabel = (sweep: SweepDetail, grader: string): string | undefined => labelsOf(sweep, grader)[0];

/** A text that is looked for once typing pauses. */
function Written({
  label,
  placeholder,
  value,
  onSettled,
}: {
  label: string;
  placeholder: string;
  value: string;
  onSettled: (text: string) => void;
}): ReactElement {
  const [draft, setDraft] = useState(value);
  const [seen, setSeen] = useState(value);
  // The address changed from elsewhere: a link, or the way back.
  if (seen !== value) {
    setSeen(value);
    setDraft(value);
  }
  useEffect(() => {
    if (draft.trim() === value) return;
    const timer = setTimeout(() => onSettled(draft.trim()), SEARCH_AFTER_MS);
    return () => clearTimeout(timer);
    // Only what is typed starts the wait anew, not the page being drawn again.
  }, [draft]);
  return <TextField label={label} type="search" placeholder={placeholder} value={draft} onText={setDraft} />;
}
