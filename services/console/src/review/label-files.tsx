import { counted, type LabelsKept } from '@crosscheck/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useId } from 'react';
import { call } from '../api/http.ts';
import { afterLabel } from '../api/labels.ts';
import { Refused } from '../ui/refused.tsx';

/** Labels as a file: out to whoever labels elsewhere, and back. */
export function LabelFiles({ sweepId, mayImport }: { sweepId: string; mayImport: boolean }): ReactElement {
  const client = useQueryClient();
  const inputId = useId();
  const take = useMutation({
    mutationFn: (file: File) =>
      call<LabelsKept>(`/v1/sweeps/${sweepId}/labels`, {
        method: 'POST',
        // As bytes: what is not UTF-8 is for the server to refuse with its line, and not for the browser to patch over.
        body: file,
        headers: { 'content-type': 'text/csv' },
      }),
    onSuccess: () => {
      afterLabel(client, sweepId);
      void client.invalidateQueries({ queryKey: ['review', sweepId] });
    },
  });
  return (
    <div className="stack label-files">
      <div className="row">
        <a className="button" href={`/v1/sweeps/${sweepId}/labels?format=csv`} download>
          Export labels
        </a>
        <label className="button file-button" htmlFor={inputId} aria-disabled={!mayImport || take.isPending}>
          Import labels (CSV)
          <input
            id={inputId}
            className="visually-hidden"
            type="file"
            accept=".csv,text/csv"
            disabled={!mayImport || take.isPending}
            onChange={({ target }) => {
              const file = target.files?.item(0);
              if (file) take.mutate(file);
              // The same file again, mended, is another choice.
              target.value = '';
            }}
          />
        </label>
      </div>
      <p className="small" role="status">
        {take.isPending && 'Importing …'}
        {take.data && `${counted(take.data.kept, 'label')} kept, ${take.data.unchanged} were there`}
      </p>
      <Refused error={take.error} />
    </div>
  );
}
