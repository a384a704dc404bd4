import { count } from '@crosscheck/contracts';
import type { ReactElement } from 'react';
import type { QuoteWithWarnings } from '../api/sweeps.ts';
import { Fact } from '../ui/fact.tsx';
import { usd } from '../ui/format.ts';

type Range = { low: number; expected: number; high: number };

/** What it would take: trials, calls, tokens, money as a range. */
export function QuotePanel({ quote }: { quote: QuoteWithWarnings }): ReactElement {
  const { trials, calls, tokens, usd: money, unpriced, warnings } = quote;
  return (
    <div className="stack">
      <dl className="facts">
        <Fact name="Trials">{count(trials)}</Fact>
        <Fact name="Calls" note={`${count(calls.subject)} to subjects, ${range(calls.judges)} to judges`}>
          {count(calls.subject + Math.round(calls.judges.expected))}
        </Fact>
        <Fact name="Tokens" note={`${short(tokens.input.expected)} in, ${short(tokens.output.expected)} out`}>
          {short(tokens.input.expected + tokens.output.expected)}
        </Fact>
        <Fact
          name="Cost"
          note={money === null ? `no price: ${unpriced.join(', ')}` : `${usd(money.low)} to ${usd(money.high)}`}
        >
          {money === null ? 'unknown' : usd(money.expected)}
        </Fact>
      </dl>
      {warnings.length > 0 && (
        <div className="note note-warn">
          <strong>To mind</strong>
          <ul>
            {warnings.map((warning) => (
              <li key={warning} className="foreign">
                {warning}
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

const range = ({ low, high }: Range): string => (low === high ? count(low) : `${count(low)} to ${count(high)}`);
const short = (tokens: number): string =>
  tokens < 1e6 ? `${Math.round(tokens / 1e3)} k` : `${(tokens / 1e6).toFixed(1)} M`;
