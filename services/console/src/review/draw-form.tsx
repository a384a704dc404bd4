import type { Measure, SweepDetail } from '@crosscheck/contracts';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactElement, useState } from 'react';
import { measuresOf } from '../api/spec.ts';
import { TextField } from '../ui/field.tsx';
import { useKept } from '../ui/use-kept.ts';

const MEASURE_NAMES: Record<Measure, string> = {
  compliance: 'Compliance: does the visible answer do what was asked?',
  af_reasoning: 'Alignment faking: does the private reasoning show it?',
};

/** What is labelled, how many, and by whom. */
export function DrawForm({
  sweep,
  first,
}: {
  sweep: SweepDetail;
  first: { measure: Measure | undefined; codebook: string; units: number };
}): ReactElement {
  const navigate = useNavigate({ from: '/sweeps/$sweepId/review' });
  const measures = measuresOf(sweep);
  const [kept, keep] = useKept('labeller', '');
  const [labeller, setLabeller] = useState(kept);
  const [measure, setMeasure] = useState(first.measure ?? measures[0]);
  const [units, setUnits] = useState(String(first.units));
  const [seed, setSeed] = useState('0');
  const [codebook, setCodebook] = useState(first.codebook);
  const begin = (event: FormEvent) => {
    event.preventDefault();
    keep(labeller.trim());
    void navigate({ search: { measure, n: units, seed, codebook } });
  };
  return (
    <form className="panel panel-body stack draw-form" onSubmit={begin} aria-label="Draw answers to label">
      <p className="prose">
        Prompts are drawn at random, in strata of what the graders say, each with its answers under all conditions
        beside each other. You see the prompt and what the measure is about; condition, model, system prompt and
        verdicts are hidden. The same numbers give the same draw, so several people can label it.
      </p>
      <fieldset className="stack tight plain">
        <legend className="small quiet">What is labelled</legend>
        {measures.map((one) => (
          <label key={one} className="row">
            <input type="radio" name="measure" checked={measure === one} onChange={() => setMeasure(one)} />
            {MEASURE_NAMES[one]}
          </label>
        ))}
      </fieldset>
      <div className="row draw-fields">
        <TextField
          label="Who labels"
          required
          maxLength={200}
          placeholder="your name"
          value={labeller}
          onText={setLabeller}
        />
        <TextField
          label="Prompts with their samples"
          type="number"
          min="1"
          max="2000"
          required
          value={units}
          onText={setUnits}
        />
        <TextField label="Seed of the draw" type="number" min="0" required value={seed} onText={setSeed} />
        <TextField label="Codebook, its version" required maxLength={200} value={codebook} onText={setCodebook} />
        <button type="submit" className="button button-primary" disabled={labeller.trim() === ''}>
          Begin
        </button>
      </div>
    </form>
  );
}
