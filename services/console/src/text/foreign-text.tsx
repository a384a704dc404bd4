import { type ReactElement, useMemo, useState } from 'react';
import { size } from '../ui/format.ts';
import { type Mark, splitByMarks } from './marks.ts';
import { cutAt, toVisible } from './visible-text.ts';
import './text.css';

/** Characters that are shown at first, and of one block: the browser lays out only the blocks that are in sight. */
const FOLD_CHARS = 16_000;
const BLOCK_CHARS = 8_000;
/** A quote that lies further back than this does not unfold what is before it. */
const QUOTE_FOLD_MAX = 200_000;

/** What a model or a person wrote, as text and nothing else: marked where wanted, folded when it is long, harmless whatever it holds. */
export function ForeignText({ text, marks = [] }: { text: string; marks?: readonly Mark[] }): ReactElement {
  const [isOpen, setOpen] = useState(false);
  const fold = foldOf(text, marks);
  const isFolded = !isOpen && text.length > fold;
  const end = isFolded ? cutAt(text, fold) : text.length;
  const blocks = useMemo(() => toBlocks(text, end), [text, end]);
  return (
    <div className="foreign-text">
      {blocks.map(([from, to]) => (
        <pre key={from} className="foreign" dir="auto">
          <Marked text={text} marks={marks} from={from} to={to} />
        </pre>
      ))}
      {text.length > fold && (
        <button type="button" className="button button-small" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? 'Fold' : `Show all ${size(text.length)}`}
        </button>
      )}
    </div>
  );
}

/** A line of a longer text. */
export function ForeignLine({ text, marks = [] }: { text: string; marks?: readonly Mark[] }): ReactElement {
  return (
    <span className="foreign-line" dir="auto">
      <Marked text={text} marks={marks} from={0} to={text.length} />
    </span>
  );
}

function Marked({
  text,
  marks,
  from,
  to,
}: {
  text: string;
  marks: readonly Mark[];
  from: number;
  to: number;
}): ReactElement {
  return (
    <>
      {splitByMarks(text, marks, from, to).map(({ text: words, mark }, index) =>
        mark === null ? (
          toVisible(words)
        ) : (
          <mark key={index} className={`mark-${mark.kind}`} title={mark.title} id={mark.id}>
            {toVisible(words)}
          </mark>
        ),
      )}
    </>
  );
}

/** Quotes are what one came for: the fold lies behind the last of them. */
function foldOf(text: string, marks: readonly Mark[]): number {
  const quoted = marks.filter(({ kind, end }) => kind !== 'hit' && end <= QUOTE_FOLD_MAX).map(({ end }) => end);
  return Math.min(text.length, Math.max(FOLD_CHARS, ...quoted));
}

function toBlocks(text: string, end: number): [from: number, to: number][] {
  const blocks: [number, number][] = [];
  let from = 0;
  while (from < end) {
    const to = from + BLOCK_CHARS >= end ? end : Math.max(cutAt(text, from + BLOCK_CHARS), from + 1);
    blocks.push([from, to]);
    from = to;
  }
  return blocks;
}
