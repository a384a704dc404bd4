import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactElement, useDeferredValue, useEffect, useMemo, useState } from 'react';
import { ApiError, call } from '../api/http.ts';
import { useMayDo } from '../api/session.ts';
import { quote, submit } from '../api/sweeps.ts';
import { Field } from '../ui/field.tsx';
import { PageHead } from '../ui/page-head.tsx';
import { Failure } from '../ui/states.tsx';
import { useSettled } from '../ui/use-settled.ts';
import { useTitle } from '../ui/use-title.ts';
import { DropDataset } from './drop-dataset.tsx';
import { Editor } from './editor.tsx';
import { QuotePanel } from './quote-panel.tsx';
import { type Problem, readSpec, withDataset } from './read-spec.ts';
import { BLANK, type StudyView, toTemplate } from './templates.ts';
import './new-sweep.css';

/** A draft survives a reload of the page, and nothing else. */
const DRAFT = 'crosscheck.draft';
const QUOTE_AFTER_MS = 600;

/** From a text to a running sweep: checked as it is typed, quoted before it is sent. */
export function NewSweepPage(): ReactElement {
  useTitle('New sweep');
  const maySubmit = useMayDo('submit');
  const navigate = useNavigate();
  const client = useQueryClient();
  const [text, setText] = useState(() => sessionStorage.getItem(DRAFT) ?? BLANK);
  const { spec, problems } = useSpec(text);
  const isReady = problems.length === 0;
  const settled = useSettled(text, QUOTE_AFTER_MS);
  const quoted = useQuery({
    queryKey: ['quote', settled],
    queryFn: ({ signal }) => quote(spec, signal),
    enabled: isReady && maySubmit && settled === text,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
  // One key for one text: whoever clicks twice gets the sweep of the first click.
  const idempotencyKey = useMemo(() => `console-${crypto.randomUUID()}-${text.length}`, [text]);
  const send = useMutation({
    mutationFn: () => submit(spec, idempotencyKey),
    onSuccess: async ({ id }) => {
      sessionStorage.removeItem(DRAFT);
      void client.invalidateQueries({ queryKey: ['sweeps'] });
      await navigate({ to: '/sweeps/$sweepId', params: { sweepId: id } });
    },
  });
  useEffect(() => sessionStorage.setItem(DRAFT, text), [text]);
  const refused = send.error ?? (isReady ? quoted.error : null);
  return (
    <div className="page">
      <PageHead title="New sweep">
        <Templates onChoose={setText} />
      </PageHead>
      {!maySubmit && (
        <p className="note note-warn">Your key lacks the scope submit: you can write a sweep here, but not run it.</p>
      )}
      <div className="new-sweep">
        <section className="stack" aria-label="Specification">
          <Editor text={text} problems={problems} onChange={setText} />
          <DropDataset
            disabled={!maySubmit}
            onDataset={({ name, version }) => setText(withDataset(text, { name, version }))}
          />
        </section>
        <section className="stack" aria-label="Check and quote">
          <Problems problems={problems} />
          {refused && <Refusal error={refused} />}
          {isReady && quoted.data && <QuotePanel quote={quoted.data} />}
          {isReady && quoted.isFetching && <p className="quiet">Asking for a quote …</p>}
          <button
            type="button"
            className="button button-primary"
            disabled={!maySubmit || !isReady || !quoted.data || settled !== text || send.isPending}
            onClick={() => send.mutate()}
          >
            {send.isPending ? 'Submitting …' : 'Submit the sweep'}
          </button>
          <p className="small quiet">
            Checked against the schema of <a href="/docs">POST /v1/sweeps</a> as you type. Nothing runs, and nothing is
            paid for, before you submit.
          </p>
        </section>
      </div>
    </div>
  );
}

/** Reading a large text takes a while: typing goes first. */
function useSpec(text: string): ReturnType<typeof readSpec> {
  const deferred = useDeferredValue(text);
  return useMemo(() => readSpec(deferred), [deferred]);
}

function Templates({ onChoose }: { onChoose: (text: string) => void }): ReactElement {
  const studies = useQuery({
    queryKey: ['studies'],
    queryFn: ({ signal }) => call<{ items: StudyView[] }>('/v1/studies', { signal }),
    staleTime: 600_000,
  });
  return (
    <Field label="Begin with">
      <select
        className="input"
        defaultValue=""
        onChange={({ target: { value } }) => {
          const study = studies.data?.items.find(({ id }) => id === value);
          onChoose(study ? toTemplate(study) : BLANK);
        }}
      >
        <option value="">Two conditions and a rule</option>
        {studies.data?.items.map(({ id, title }) => (
          <option key={id} value={id}>
            Study: {title}
          </option>
        ))}
      </select>
    </Field>
  );
}

function Problems({ problems }: { problems: Problem[] }): ReactElement {
  return (
    <div id="problems" role="status">
      {problems.length > 0 && (
        <div className="note note-bad">
          <strong>{problems.length === 1 ? 'One thing to mend' : `${problems.length} things to mend`}</strong>
          <ul className="stack problems">
            {problems.map(({ line, detail, expected }) => (
              <li key={`${line} ${detail}`} className="foreign">
                {line !== null && <b>Line {line}: </b>}
                {detail}
                {expected !== undefined && <span className="quiet">, expected {expected}</span>}
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

/** What only the api can know: whether there is such a model, such a dataset, a price. */
function Refusal({ error }: { error: Error }): ReactElement {
  if (!(error instanceof ApiError) || !error.problem) return <Failure error={error} />;
  const { title, detail, field, expected } = error.problem;
  return (
    <div className="note note-bad" role="alert">
      <strong>{title}</strong>
      <span className="foreign">{detail}</span>
      {(field !== undefined || expected !== undefined) && (
        <span className="small quiet foreign">
          {field} {expected !== undefined && `expected ${expected}`}
        </span>
      )}
    </div>
  );
}
