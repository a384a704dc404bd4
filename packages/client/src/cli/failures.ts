import { type Cell, count, counted, type SweepDetail } from '@crosscheck/contracts';
import type { Client } from '../client.ts';
import { ProblemError } from '../problem-error.ts';
import { plain } from './text.ts';

const CAUSES_MAX = 5;

/**
 * Why trials of a sweep failed for good, a line for each cause, and what to do about it; empty when none did.
 *
 * @param cells tell of judges that failed beside the one that gave a trial its outcome
 */
export async function explainFailures(
  { deadLetters }: Pick<Client, 'deadLetters'>,
  sweep: SweepDetail,
  cells: readonly Cell[] = [],
): Promise<string> {
  const { infra_failed = 0, judge_failed = 0 } = sweep.progress.outcomes;
  const failed = infra_failed + judge_failed;
  if (failed === 0 && cells.every(({ missing }) => (missing['judge_failed'] ?? 0) === 0)) return '';
  const causes = await Array.fromAsync(deadLetters.list({ sweep: sweep.id })).catch(toNothingWithoutScope);
  const lines = causes
    .slice(0, CAUSES_MAX)
    .map((cause) => `  ${count(cause.count)} × ${cause.code}, ${cause.lane ?? 'no lane'}: ${plain(cause.detail)}\n`);
  if (causes.length > CAUSES_MAX) lines.push(`  and ${causes.length - CAUSES_MAX} more causes\n`);
  const all = causes.reduce((sum, cause) => sum + cause.count, 0);
  const of = `of ${counted(sweep.progress.planned, 'trial')}`;
  const what =
    failed > 0 ? `${count(failed)} ${of} failed` : `Judges failed on ${all === 0 ? 'some' : count(all)} ${of}`;
  // A trial of which only a second judge failed has an outcome: retry, which goes by outcomes, would pass it over.
  const way = all > failed || failed === 0 ? `replay --sweep ${sweep.id}` : `retry ${sweep.id}`;
  return `${what}. When the cause is gone: crosscheck ${way}\n${lines.join('')}`;
}

/** A key that may only read sees that trials failed, not why. */
function toNothingWithoutScope(error: unknown): [] {
  if (error instanceof ProblemError && error.code === 'SCOPE_MISSING') return [];
  throw error;
}
