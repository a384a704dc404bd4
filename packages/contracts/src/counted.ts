const WHOLE = new Intl.NumberFormat('en-US');

/** A whole number as people read it, the same in every language of a reader's machine: `1,234,567`. */
export const count = (value: number): string => WHOLE.format(value);

/** `1 prompt`, `1,234 prompts` */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;
