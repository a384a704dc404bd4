import { createInterface } from 'node:readline/promises';
import type { SweepSpec } from '@crosscheck/contracts';
import { type Client, renderQuote, UsageError } from '@crosscheck/client';

export type ConfirmDeps = { client: Client; signal: AbortSignal };

/**
 * Shows what asking a real model would cost, and asks whether to. Money is never spent without a word: where nobody can answer, only
 * --yes will do.
 *
 * @throws UsageError when nobody can be asked
 */
export async function confirmCost(
  spec: SweepSpec,
  confirmed: boolean,
  { client, signal }: ConfirmDeps,
): Promise<boolean> {
  const quote = await client.sweeps.quote(spec);
  process.stderr.write(`${renderQuote(quote)}The sweep stops at ${spec.budget?.usd ?? 0} USD.\n`);
  if (confirmed) return true;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new UsageError('nobody is here to agree to the cost: run it again with --yes');
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question('Run it? [y/N] ', { signal });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
