import type { TrialRow } from '@crosscheck/contracts';
import { useQueries } from '@tanstack/react-query';
import { rowsQuery } from '../api/trials.ts';

/** Rows that are asked for at once. */
const CHUNK = 50;

/**
 * The rows around those that are seen, asked for in chunks; what scrolled away before it came is not waited for.
 *
 * @returns what reads one row; undefined while it is on its way
 */
export function useRows({
  sweepId,
  ids,
  text,
  first,
  last,
}: {
  sweepId: string;
  ids: readonly string[];
  text: string | undefined;
  first: number;
  last: number;
}): { rowAt: (index: number) => TrialRow | undefined; error: Error | null } {
  const from = Math.floor(Math.max(0, first) / CHUNK);
  const chunks = Array.from({ length: Math.max(0, Math.floor(last / CHUNK) - from + 1) }, (_, index) => from + index);
  const results = useQueries({
    queries: chunks.map((chunk) => rowsQuery(sweepId, ids.slice(chunk * CHUNK, (chunk + 1) * CHUNK), text)),
  });
  return {
    rowAt: (index) => results[Math.floor(index / CHUNK) - from]?.data?.get(ids[index] ?? ''),
    error: results.find(({ error }) => error)?.error ?? null,
  };
}
