import { OUTCOME_CODES } from '@crosscheck/store';

/** Every word that a grader may say of a trial, and its letter as a character code. */
export const LETTER_WORDS: readonly { letter: number; word: string }[] = Object.entries(OUTCOME_CODES).map(
  ([letter, word]) => ({ letter: letter.charCodeAt(0), word }),
);

type Word = (typeof OUTCOME_CODES)[keyof typeof OUTCOME_CODES];

export function letterOf(wanted: Word): number {
  const found = LETTER_WORDS.find(({ word }) => word === wanted);
  if (!found) throw new RangeError(`there is no letter for ${wanted}`);
  return found.letter;
}

export const PENDING = letterOf('pending');
export const CANCELLED = letterOf('cancelled');
