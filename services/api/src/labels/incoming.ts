import { CrosscheckError, type ErrorHint, HUMAN_LABELS, type NewLabel } from '@crosscheck/contracts';
import type { IncomingLabel } from '@crosscheck/store';

/** Checks what no schema can say of a label. @throws CrosscheckError LABEL_INVALID with `where` as its hint */
export function toIncoming(label: NewLabel, where: ErrorHint): IncomingLabel {
  const { trial, measure, label: word, labeller, codebook = '1', blind = false, note = null, at } = label;
  if (!/^\d{1,18}$/.test(trial))
    throw invalid(`"${trial}" is no trial`, { ...where, got: trial, expected: 'the id of a trial' });
  const words = HUMAN_LABELS[measure];
  if (!words.includes(word)) {
    throw invalid(`${measure} cannot be labelled "${word}"`, { ...where, got: word, expected: words.join(', ') });
  }
  return { trial, measure, label: word, labeller, codebook, blind, note, at: toTime(at, where), where };
}

function toTime(at: string | undefined, where: ErrorHint): Date {
  if (at === undefined) return new Date();
  const time = new Date(at);
  if (/^\d{4}-\d{2}-\d{2}/.test(at) && !Number.isNaN(time.getTime())) return time;
  throw invalid(`"${at}" is no time`, { ...where, got: at, expected: 'ISO 8601, such as 2026-11-21T09:00:00Z' });
}

/** The line of a file leads the message: that is what its reader looks for. */
function invalid(detail: string, hint: ErrorHint): CrosscheckError {
  return new CrosscheckError('LABEL_INVALID', hint.line === undefined ? detail : `line ${hint.line}: ${detail}`, hint);
}
