/** How a spreadsheet tells a formula, also by the wide forms of East Asian keyboards, behind as many quotes as somebody put there. */
const FORMULA = /^'*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;

/** A cell that a spreadsheet would run gets a quote before it, and so does one that looks as if it had got one: reading takes off just one. */
export const quoteFormula = (text: string): string => (FORMULA.test(text) ? `'${text}` : text);

/** The text that a cell was made of. */
export const unquoteFormula = (cell: string): string =>
  cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;
