import type { TranscriptView } from '@crosscheck/contracts';
import type { CSSProperties, ReactElement, ReactNode } from 'react';
import { words } from '../ui/format.ts';
import { Loading } from '../ui/states.tsx';
import type { Column } from './use-columns.ts';

/** A part of transcripts, one beside the other; on a phone one below the other, each with the name of its condition. */
export function SideBySide({
  title,
  aside,
  columns,
  children,
}: {
  title: string;
  aside?: ReactNode;
  columns: Column[];
  children: (transcript: TranscriptView, index: number) => ReactNode;
}): ReactElement {
  return (
    <section className="panel" aria-label={title}>
      <header className="side-title">
        <h2>{title}</h2>
        {aside}
      </header>
      <div className="sides" style={{ '--sides': columns.length } as CSSProperties}>
        {columns.map((column, index) => (
          <div key={column.condition} className="side-cell" role="group" aria-label={`${title}, ${column.condition}`}>
            <div className="side-name small quiet foreign">{column.condition}</div>
            <Cell column={column}>{(transcript) => children(transcript, index)}</Cell>
          </div>
        ))}
      </div>
    </section>
  );
}

function Cell({
  column: { trial, transcript, error },
  children,
}: {
  column: Column;
  children: (transcript: TranscriptView) => ReactNode;
}): ReactElement {
  if (transcript) return <>{children(transcript)}</>;
  if (error) return <p className="note note-bad">{error.message}</p>;
  return trial === null ? <p className="quiet">No trial of this sample.</p> : <Loading what="the transcript" />;
}

/** Why there is no answer to show; null where there is one. */
export function whyNoText({ response, state, outcome, failure }: TranscriptView): string | null {
  if (response?.purgedAt) return `Its texts were deleted on ${response.purgedAt.slice(0, 10)}; numbers stay.`;
  if (response) return null;
  if (failure) return `No answer: ${words(failure.code)}.`;
  return outcome === null ? `Not answered yet: the trial is ${state}.` : `No answer: ${words(outcome)}.`;
}
