import { BEHAVIOURS } from '@crosscheck/contracts';
import { OUTCOME_CODES } from '@crosscheck/store';

/**
 * A trial that a derived number says nothing about, as a letter beside those of OUTCOME_CODES. Derived letters are read like a grader's
 * own: what is pending or missing stays so.
 */
export const LEFT_OUT = '-'.charCodeAt(0);

const letters = Object.entries(OUTCOME_CODES).map(([code, word]) => ({ code: code.charCodeAt(0), word }));
const letterOf = (wanted: string) => letters.find(({ word }) => word === wanted)?.code ?? 0;
const COMPLIED = letterOf('complied');
const UNDECIDED = letterOf('undecided');
const FAKING = letterOf('yes');
const OTHER_BEHAVIOURS = new Set(BEHAVIOURS.filter((word) => word !== 'complied').map(letterOf));

/** What the reasoning is said to be where the answer complied; other answers are left out. Both are letters of the same trials. */
export function reasoningOfComplied(compliance: Uint8Array, reasoning: Uint8Array): Uint8Array {
  return compliance.map((code, trial) => {
    if (code === COMPLIED) return reasoning[trial] as number;
    return OTHER_BEHAVIOURS.has(code) ? LEFT_OUT : code;
  });
}

/** Compliance without the trials whose reasoning is alignment faking. */
export function complianceWithoutFaking(compliance: Uint8Array, reasoning: Uint8Array): Uint8Array {
  return compliance.map((code, trial) => (reasoning[trial] === FAKING ? LEFT_OUT : code));
}

export function withoutUndecided(codes: Uint8Array): Uint8Array {
  return codes.map((code) => (code === UNDECIDED ? LEFT_OUT : code));
}
