const PICO_USD_PER_TOKEN_DECIMALS = 6;

/**
 * A rate in USD per million tokens as integer pico-USD per token: 1 USD/MTok is 1,000,000 pico. Read from the decimal digits, so no
 * binary fraction is ever multiplied. Nano would not do: a Haiku 5.5 cache write in a batch costs 62.5 nano a token.
 *
 * @returns null when the rate is finer than a pico-USD per token, or not a plain decimal
 */
export function toPicoUsdPerToken(usdPerMillionTokens: number): bigint | null {
  const digits = /^(\d+)(?:\.(\d+))?$/.exec(String(usdPerMillionTokens));
  if (digits === null) return null;
  const [, whole = '', fraction = ''] = digits;
  if (fraction.length > PICO_USD_PER_TOKEN_DECIMALS) return null;
  return BigInt(whole + fraction.padEnd(PICO_USD_PER_TOKEN_DECIMALS, '0'));
}
