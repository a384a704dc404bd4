import type { SweepDetail } from '@crosscheck/contracts';
import type { Client } from '../client.ts';
import { ProblemError } from '../problem-error.ts';
import { count } from './format.ts';
import { plain } from './text.ts';

const CAUSES_MAX = 5;

/** Why trials of a sweep failed for good, a line for each cause, and what to do about it; empty when none did. */
export async function explainFailures(
  { deadLetters }: Pick<Client, 'deadLetters'>,
  sweep: SweepDetail,
): Promise<string> {
  const { infra_failed = 0, judge_failed = 0 } = sweep.progress.outcomes;
  if (infra_failed + judge_failed === 0) return '';
  const causes = await Array.fromAsync(deadLetters.list({ sweep: sweep.id })).catch(toNothingWithoutScope);
  const lines = causes
    .slice(0, CAUSES_MAX)
    .map((cause) => `  ${count(cause.count)} × ${cause.code}, ${cause.lane ?? 'no lane'}: ${plain(cause.detail)}\n`);
  if (causes.length > CAUSES_MAX) lines.push(`  and ${causes.length - CAUSES_MAX} more causes\n`);
  const what = `${count(infra_failed + judge_failed)} of ${count(sweep.progress.planned)} trials failed`;
  return `${what}. When the cause is gone: crosscheck retry ${sweep.id}\n${lines.join('')}`;
}

/** A key that may only read sees that trials failed, not why. */
function toNothingWithoutScope(error: unknown): [] {
  if (error instanceof ProblemError && error.code === 'SCOPE_MISSING') return [];
  throw error;
}
