import type { Measure, TranscriptView } from '@crosscheck/contracts';
import { findQuote, type Mark } from '../text/marks.ts';

type Verdict = TranscriptView['verdicts'][number];
/** One vote of a judge as it is stored. */
export type StoredVote = {
  label?: string;
  score?: number | null;
  reason?: string;
  quotes?: string[];
  met?: string[];
} & Record<string, unknown>;

/** The votes of a verdict; none where a rule spoke. */
export const votesOf = ({ detail }: Verdict): StoredVote[] =>
  Array.isArray(detail['votes']) ? (detail['votes'] as StoredVote[]) : [];

/** The name by which a quote in a verdict and its place in the text find each other. */
export const quoteId = (trial: string, grader: string, quote: string): string =>
  `quote-${trial}-${grader}-${hash(quote)}`.replaceAll(/[^\w-]/g, '_');

/** Where the judges of a measure quote a text. Votes often quote the same words: those are marked once. */
export function quoteMarks({ id, verdicts }: TranscriptView, measure: Measure, text: string): Mark[] {
  const marks = new Map<string, Mark>();
  for (const verdict of verdicts.filter(({ measures }) => measures === measure)) {
    for (const quote of quotesOf(verdict)) {
      const name = quoteId(id, verdict.grader, quote);
      const place = marks.has(name) ? null : findQuote(text, quote);
      if (place) marks.set(name, { ...place, kind: 'quote', title: `quoted by ${verdict.grader}`, id: name });
    }
  }
  return [...marks.values()];
}

/** What a judge quotes, or what a rule found. */
function quotesOf(verdict: Verdict): string[] {
  const { matched } = verdict.detail;
  if (typeof matched === 'string' && matched.trim() !== '') return [matched];
  return votesOf(verdict).flatMap(({ quotes }) => quotes ?? []);
}

/** A short name of a text; two texts of one verdict that share it are marked as one. */
function hash(text: string): string {
  let value = 5381;
  for (let index = 0; index < text.length; index += 1) value = (Math.imul(value, 33) ^ text.charCodeAt(index)) >>> 0;
  return value.toString(36);
}
