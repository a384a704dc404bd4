import type { TranscriptView } from '@crosscheck/contracts';
import { type ReactElement, useMemo, useState } from 'react';
import { diffWords } from '../text/diff-words.ts';
import { ForeignText } from '../text/foreign-text.tsx';
import type { Mark } from '../text/marks.ts';
import { Badge } from '../ui/badge.tsx';
import { size } from '../ui/format.ts';
import { elide } from './elide.ts';
import { SideBySide } from './side-by-side.tsx';
import type { Column } from './use-columns.ts';

/** The words of each condition, with what the other side does not have marked. */
export function Sent({ columns }: { columns: Column[] }): ReactElement {
  const [isWhole, setWhole] = useState(false);
  const systems = useDifferences(columns.map(({ transcript }) => transcript?.request?.system ?? null));
  const users = useDifferences(columns.map(({ transcript }) => transcript?.request?.user ?? null));
  return (
    <SideBySide
      title="What was sent"
      columns={columns}
      aside={
        <label className="row small">
          <input type="checkbox" checked={isWhole} onChange={({ target }) => setWhole(target.checked)} />
          whole texts
        </label>
      }
    >
      {(transcript, index) =>
        transcript.request === null ? (
          <p className="quiet">{whyNoRequest(transcript)}</p>
        ) : (
          <div className="stack">
            <Verified transcript={transcript} />
            <Block title="System prompt" text={transcript.request.system} marks={systems[index]} isWhole={isWhole} />
            <Block title="User turn" text={transcript.request.user} marks={users[index]} isWhole={isWhole} />
            <p className="small quiet mono foreign">{JSON.stringify(transcript.request.sampling)}</p>
          </div>
        )
      }
    </SideBySide>
  );
}

/** The first text is held against the second, every other one against the first. Null where a side has none to compare with. */
function useDifferences(texts: (string | null)[]): (Mark[] | null)[] {
  return useMemo(
    () =>
      texts.map((text, index) => {
        const other = texts[index === 0 ? 1 : 0];
        return text === null || other === null || other === undefined ? null : diffWords(text, other)[0];
      }),
    // The texts themselves are what counts, not the list that they stand in.
    texts,
  );
}

function Verified({ transcript: { requestVerified, response } }: { transcript: TranscriptView }): ReactElement {
  const hash = response?.requestHash;
  return (
    <div className="row small">
      {requestVerified === true && <Badge tone="good">is what was sent</Badge>}
      {requestVerified === false && <Badge tone="bad">is not what was sent</Badge>}
      {requestVerified === null && <Badge>not compared</Badge>}
      {hash !== undefined && (
        <span className="quiet mono" title="Hash of the request as it was sent">
          {hash.slice(0, 12)}
        </span>
      )}
    </div>
  );
}

function Block({
  title,
  text,
  marks,
  isWhole,
}: {
  title: string;
  text: string | null;
  marks: Mark[] | null | undefined;
  isWhole: boolean;
}): ReactElement {
  const elided = useMemo(() => (text === null || isWhole ? null : elide(text, marks ?? [])), [text, marks, isWhole]);
  return (
    <div className="block">
      <h3 className="small">
        {title}{' '}
        <span className="quiet">
          {text === null ? 'none' : size(text.length)}
          {text !== null && marks && (marks.length === 0 ? ' · the same on both sides' : ' · differs where marked')}
        </span>
      </h3>
      {text !== null && <ForeignText text={elided?.text ?? text} marks={elided?.marks ?? marks ?? []} />}
    </div>
  );
}

function whyNoRequest({ response }: TranscriptView): string {
  return response?.purgedAt ? 'Deleted with the texts of this sweep.' : 'An import has no requests.';
}
