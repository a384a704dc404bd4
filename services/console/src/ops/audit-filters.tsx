import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, type ReactElement, useState } from 'react';
import { SelectField, TextField } from '../ui/field.tsx';

/** What the log calls a change, by its beginning, and what people call it. */
const ACTIONS: Record<string, string> = {
  'PUT /v1/lanes': 'limits of lanes',
  'POST /v1/lanes': 'pauses of lanes',
  'POST /v1/dead-letters': 'replays',
  'POST /v1/sweeps': 'sweeps',
  'DELETE /v1/sweeps': 'deleted sweeps',
  'POST /v1/datasets': 'datasets',
  'POST /v1/api-keys': 'new keys',
  'DELETE /v1/api-keys': 'revoked keys',
  'PUT /v1/teams': 'teams',
  'PUT /v1/providers': 'providers',
  'PUT /ops/queues': 'the raw queue',
};

/** Filters of the log. They are in the address as soon as they are applied, so that a search can be sent to somebody. */
export function AuditFilters(): ReactElement {
  const { action, subject, since, until } = useSearch({ from: '/shell/ops/audit' });
  const navigate = useNavigate({ from: '/ops/audit' });
  const [draft, setDraft] = useState({ subject: subject ?? '', since: toLocal(since), until: toLocal(until) });
  const apply = (event: FormEvent) => {
    event.preventDefault();
    void navigate({
      search: (before) => ({
        ...before,
        after: undefined,
        subject: draft.subject.trim() || undefined,
        since: toIso(draft.since),
        until: toIso(draft.until),
      }),
    });
  };
  return (
    <form className="row filters" role="search" onSubmit={apply}>
      <SelectField
        label="What"
        none="All changes"
        value={action}
        options={Object.keys(ACTIONS)}
        nameOf={(prefix) => ACTIONS[prefix] ?? prefix}
        onChoose={(chosen) => void navigate({ search: (before) => ({ ...before, after: undefined, action: chosen }) })}
      />
      <TextField
        label="Of"
        type="search"
        placeholder="Id of a sweep, lane, key …"
        value={draft.subject}
        onText={(text) => setDraft((before) => ({ ...before, subject: text }))}
      />
      <TextField
        label="From"
        type="datetime-local"
        value={draft.since}
        onText={(text) => setDraft((before) => ({ ...before, since: text }))}
      />
      <TextField
        label="Until"
        type="datetime-local"
        value={draft.until}
        onText={(text) => setDraft((before) => ({ ...before, until: text }))}
      />
      <button type="submit" className="button">
        Show
      </button>
    </form>
  );
}

/** The api speaks UTC, the field the reader's own time. */
const toIso = (local: string): string | undefined => (local === '' ? undefined : new Date(local).toISOString());

function toLocal(iso: string | undefined): string {
  const time = iso === undefined ? Number.NaN : Date.parse(iso);
  if (Number.isNaN(time)) return '';
  const offsetMs = new Date(time).getTimezoneOffset() * 60_000;
  return new Date(time - offsetMs).toISOString().slice(0, 16);
}
