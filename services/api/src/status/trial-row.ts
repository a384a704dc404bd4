import type { TrialRow } from '@crosscheck/contracts';
import { parseResponse } from '@crosscheck/experiment';
import type { SweepRow, TrialRowParts } from '@crosscheck/store';
import { toIso } from './sweep-view.ts';

const EXCERPT_CHARS = 240;

/** A row of a list. Its excerpt is the beginning of what a user would have seen, or what lies around a hit of a search. */
export function toTrialRow(parts: TrialRowParts, { id: sweep, spec }: SweepRow): TrialRow {
  const { conditionOrdinal, text, isHit, stopReason, settledAt, verdicts, state, outcome, ...rest } = parts;
  const expects = spec.conditions[conditionOrdinal]?.expects ?? {};
  return {
    ...rest,
    sweep,
    state: state as TrialRow['state'],
    outcome: outcome as TrialRow['outcome'],
    settledAt: toIso(settledAt),
    verdicts: verdicts.map(({ grader, label }) => ({ grader: spec.graders[grader]?.id ?? String(grader), label })),
    excerpt: text === null || isHit ? text : excerptOf(text),
  };

  function excerptOf(beginning: string): string {
    const { visible, scratchpad } = parseResponse({ text: beginning, stopReason: stopReason ?? '', expects });
    // Where the part that was read ends inside of the reasoning, its beginning is what there is to show.
    return (visible || (scratchpad ?? '')).slice(0, EXCERPT_CHARS);
  }
}
