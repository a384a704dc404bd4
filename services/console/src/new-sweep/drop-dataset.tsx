import type { Dataset } from '@crosscheck/contracts';
import { useMutation } from '@tanstack/react-query';
import { type DragEvent, type ReactElement, useState } from 'react';
import { call, withQuery } from '../api/http.ts';
import { counted } from '../ui/format.ts';

/** Takes a file of prompts, one JSON document a line, uploads it, and hands over the dataset that it became. */
export function DropDataset({
  disabled,
  onDataset,
}: {
  disabled: boolean;
  onDataset: (dataset: Dataset) => void;
}): ReactElement {
  const [isOver, setOver] = useState(false);
  const upload = useMutation({
    mutationFn: (file: File) =>
      call<Dataset>(withQuery('/v1/datasets', { name: nameOf(file) }), { method: 'POST', body: file }),
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
      <label className="field">
        <span>Prompts from a file: NDJSON, a line {'{"id": "p1", "text": "…"}'} each. Drop it here or choose it.</span>
        <input
          type="file"
          accept=".ndjson,.jsonl,application/x-ndjson"
          disabled={disabled || upload.isPending}
          onChange={({ target }) => take(target.files?.item(0))}
        />
      </label>
      <p className="small" role="status">
        {upload.isPending && 'Uploading …'}
        {upload.data &&
          `${upload.data.name}: ${counted(upload.data.prompts, 'prompt')}, version ${upload.data.version.slice(0, 12)}`}
      </p>
      {upload.error && (
        <p className="note note-bad" role="alert">
          {upload.error.message}
        </p>
      )}
    </div>
  );
}

const nameOf = ({ name }: File): string => name.replace(/\.[^.]+$/, '').slice(0, 200) || 'dataset';
