import type { TranscriptView } from '@crosscheck/contracts';
import type { ReactElement } from 'react';
import { ForeignText } from '../text/foreign-text.tsx';
import { findHits } from '../text/marks.ts';
import { Badge } from '../ui/badge.tsx';
import { words } from '../ui/format.ts';
import { quoteMarks } from './quotes.ts';
import { SideBySide, whyNoText } from './side-by-side.tsx';
import type { Column } from './use-columns.ts';

/** What a user would have seen, and apart from it what the model wrote for itself. @param wanted words to mark */
export function Answers({ columns, wanted }: { columns: Column[]; wanted: string | undefined }): ReactElement {
  const hasReasoning = columns.some(
    ({ transcript }) => transcript?.response?.scratchpad ?? transcript?.response?.thinking,
  );
  return (
    <>
      <SideBySide title="Visible answer" columns={columns}>
        {(transcript) => <Visible transcript={transcript} wanted={wanted} />}
      </SideBySide>
      {hasReasoning && (
        <div className="private">
          <SideBySide
            title="Private reasoning"
            columns={columns}
            aside={<span className="small quiet">The user would not have seen it</span>}
          >
            {(transcript) => <Reasoning transcript={transcript} wanted={wanted} />}
          </SideBySide>
        </div>
      )}
    </>
  );
}

type Props = { transcript: TranscriptView; wanted: string | undefined };

function Visible({ transcript, wanted }: Props): ReactElement {
  const { response } = transcript;
  const why = whyNoText(transcript);
  if (why !== null || !response) return <p className="quiet">{why}</p>;
  const { visible, parseStatus, parseFlags, stopReason, refusalCategory } = response;
  const oddities = [...new Set([parseStatus, ...parseFlags])].filter((one) => one !== 'ok');
  return (
    <>
      {(oddities.length > 0 || stopReason !== 'end_turn') && (
        <div className="row badges">
          {oddities.map((one) => (
            <Badge key={one} tone={one === 'native_refusal' ? 'warn' : 'mute'}>
              {words(one)}
            </Badge>
          ))}
          {stopReason !== 'end_turn' && <Badge>{`stopped: ${words(stopReason)}`}</Badge>}
          {refusalCategory !== null && <Badge tone="warn">{words(refusalCategory)}</Badge>}
        </div>
      )}
      {visible === '' ? (
        <p className="quiet">Nothing that a user would have seen.</p>
      ) : (
        <ForeignText
          text={visible}
          marks={[...quoteMarks(transcript, 'compliance', visible), ...findHits(visible, wanted)]}
        />
      )}
    </>
  );
}

function Reasoning({ transcript, wanted }: Props): ReactElement {
  const { scratchpad = null, thinking = null } = transcript.response ?? {};
  if (scratchpad === null && thinking === null) return <p className="quiet">{whyNoText(transcript) ?? 'None.'}</p>;
  return (
    <>
      {scratchpad !== null && (
        <ForeignText
          text={scratchpad}
          marks={[...quoteMarks(transcript, 'af_reasoning', scratchpad), ...findHits(scratchpad, wanted)]}
        />
      )}
      {thinking !== null && (
        <>
          <h3 className="small quiet">Thinking, as the provider gave it</h3>
          <ForeignText text={thinking} marks={findHits(thinking, wanted)} />
        </>
      )}
    </>
  );
}
