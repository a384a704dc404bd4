import { count, type Dataset, type SweepDetail } from '@crosscheck/contracts';
import { type ReactElement, useState } from 'react';
import { specOf } from '../api/spec.ts';
import { DropDataset } from '../new-sweep/drop-dataset.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { Refused } from '../ui/refused.tsx';
import type { ActionProps } from './action-dialogs.tsx';

/** A sweep grows by samples of what it has, or by prompts that it does not have yet. */
export function ExtendDialog({ sweep, error, onSubmit, busy, ...dialog }: ActionProps): ReactElement {
  const [by, setBy] = useState<'samples' | 'prompts'>('samples');
  const [samples, setSamples] = useState('1');
  const [dataset, setDataset] = useState<Dataset | null>(null);
  const body =
    by === 'samples'
      ? { samples: Number(samples) }
      : dataset && { dataset: { name: dataset.name, version: dataset.version } };
  return (
    <Dialog
      {...dialog}
      title="Extend this sweep"
      submit="Extend"
      busy={busy || body === null}
      onSubmit={() => body && onSubmit(body)}
    >
      <p>
        New trials follow the planned ones. Looking at results before deciding to go on widens what chance can do: the
        sequence intervals stay valid, the others do not say so by themselves.
      </p>
      <fieldset className="row plain">
        <legend className="visually-hidden">Extend by</legend>
        {(['samples', 'prompts'] as const).map((one) => (
          <label key={one} className="row">
            <input type="radio" name="extend-by" checked={by === one} onChange={() => setBy(one)} />
            More {one}
          </label>
        ))}
      </fieldset>
      {by === 'samples' ? (
        <Samples sweep={sweep} samples={samples} onChange={setSamples} />
      ) : (
        <>
          <DropDataset disabled={busy} onDataset={setDataset} />
          <p className="quiet small">Prompts that the sweep has already are left out.</p>
        </>
      )}
      <Refused error={error} />
    </Dialog>
  );
}

function Samples({
  sweep,
  samples,
  onChange,
}: {
  sweep: SweepDetail;
  samples: string;
  onChange: (samples: string) => void;
}): ReactElement {
  const before = specOf(sweep).samples;
  const added = before > 0 ? Math.round((sweep.progress.planned / before) * Number(samples)) : 0;
  return (
    <>
      <TextField
        label="More samples of each prompt in each condition"
        type="number"
        min="1"
        max="1000"
        required
        value={samples}
        onText={onChange}
      />
      {added > 0 && <p className="quiet small">Adds {count(added)} trials.</p>}
    </>
  );
}
