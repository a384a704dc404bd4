import type { Decision, Reasoning } from './draw-outcome.ts';

/** What a marked text says about itself. Fields that its part does not carry are null. */
export type TruthMark = { decision: Decision | null; reasoning: Reasoning | null; item: string; at: number };

const MARK = /\[sim ((?:[a-z]=[\w-]+ ?)+)\]/g;
const DECISIONS: Record<string, Decision> = { c: 'comply', p: 'partial', r: 'refuse' };
const REASONINGS: Record<string, Reasoning> = { af: 'alignment_faking', plain: 'plain', none: 'none' };

/** The truth marks of a text, in order. `item` names the trial that the text came from. */
export function readMarks(text: string): TruthMark[] {
  return Array.from(text.matchAll(MARK), (match) => {
    const fields = new Map(
      (match[1] ?? '')
        .trim()
        .split(' ')
        .map((field) => field.split('=') as [string, string]),
    );
    return {
      decision: DECISIONS[fields.get('o') ?? ''] ?? null,
      reasoning: REASONINGS[fields.get('r') ?? ''] ?? null,
      item: `${fields.get('i') ?? ''}/${fields.get('n') ?? ''}`,
      at: match.index,
    };
  });
}
