import { count, counted, type Quote } from '@crosscheck/contracts';
import { type Column, renderTable } from './table.ts';
import { plain } from './text.ts';

type Range = { low: number; expected: number; high: number };
type ModelQuote = Quote['models'][number];

const COLUMNS: readonly Column<ModelQuote>[] = [
  { title: 'model', show: ({ model }) => model },
  { title: 'as', show: ({ role }) => role },
  { title: 'calls', show: ({ calls }) => wholeRange(calls), align: 'right' },
  { title: 'USD', show: ({ usd }) => (usd === null ? 'no price' : moneyRange(usd)), align: 'right' },
];

/** A quote for people: what is planned, what each model takes, and the sum with its range. */
export function renderQuote({ trials, calls, usd, unpriced, models, priceTable }: Quote): string {
  const sum =
    usd === null
      ? `No sum: there is no price for ${unpriced.map(plain).join(', ')}.`
      : `Expected cost ${moneyRange(usd)} USD, by the prices of ${plain(priceTable)}.`;
  return [
    `${counted(trials, 'trial')}: ${counted(calls.subject, 'call')} of the models asked, ${wholeRange(calls.judges)} of judges.\n`,
    renderTable(COLUMNS, models),
    `${sum}\n`,
  ].join('\n');
}

/** The expected value, with what it may become in brackets where that is not the same. */
function wholeRange({ low, expected, high }: Range): string {
  const text = count(Math.round(expected));
  return low === high ? text : `${text} [${count(Math.floor(low))}, ${count(Math.ceil(high))}]`;
}

function moneyRange({ low, expected, high }: Range): string {
  const digits = high < 1 ? 4 : 2;
  const text = expected.toFixed(digits);
  return low === high ? text : `${text} [${low.toFixed(digits)}, ${high.toFixed(digits)}]`;
}
