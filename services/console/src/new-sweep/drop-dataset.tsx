import { counted, type Dataset } from '@crosscheck/contracts';
import { useMutation } from '@tanstack/react-query';
import { type DragEvent, type ReactElement, useState } from 'react';
import { call, withQuery } from '../api/http.ts';
import { Field } from '../ui/field.tsx';
import { Refused } from '../ui/refused.tsx';
import { readPromptsCsv, readUtf8 } from './read-csv.ts';

/** Takes a file of prompts, NDJSON or CSV, uploads it, and hands over the dataset that it became. */
export function DropDataset({
  disabled,
  onDataset,
}: {
  disabled: boolean;
  onDataset: (dataset: Dataset) => void;
}): ReactElement {
  const [isOver, setOver] = useState(false);
  const upload = useMutation({
    mutationFn: async (file: File) =>
      call<Dataset>(withQuery('/v1/datasets', { name: nameOf(file) }), { method: 'POST', body: await toNdjson(file) }),
    onSuccess: onDataset,
  });
  const take = (file: File | null | undefined) => file && !disabled && upload.mutate(file);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files.item(0));
  };
  return (
    <div
      className={`drop${isOver ? ' drop-over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Field
        label={
          <>
            Prompts from a file: NDJSON, a line {'{"id": "p1", "text": "…"}'} each, or CSV with a column text, and id
            where you have one; further columns are variables. Drop it here or choose it.
          </>
        }
      >
        <input
          type="file"
          accept=".ndjson,.jsonl,.csv,application/x-ndjson,text/csv"
          disabled={disabled || upload.isPending}
          onChange={({ target }) => take(target.files?.item(0))}
        />
      </Field>
      <p className="small" role="status">
        {upload.isPending && 'Uploading …'}
        {upload.data &&
          `${upload.data.name}: ${counted(upload.data.prompts, 'prompt')}, version ${upload.data.version.slice(0, 12)}`}
      </p>
      <Refused error={upload.error} />
    </div>
  );
}

/** The api takes prompts one JSON document a line. */
async function toNdjson(file: File): Promise<Blob> {
  if (!/\.csv$/i.test(file.name) && file.type !== 'text/csv') return file;
  const prompts = readPromptsCsv(readUtf8(await file.arrayBuffer()));
  return new Blob(prompts.map((prompt) => `${JSON.stringify(prompt)}\n`));
}

const nameOf = ({ name }: File): string => name.replace(/\.[^.]+$/, '').slice(0, 200) || 'dataset';
