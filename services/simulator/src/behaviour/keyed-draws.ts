import { hash } from 'node:crypto';

/** The fields that fix an answer. Two calls that agree in all of them draw the same numbers, whenever they arrive. */
type DrawKey = {
  seed: string;
  persona: string;
  personaVersion: number;
  model: string;
  conditionKey: string;
  promptKey: string;
  sampleKey: string;
};

/** Uniform numbers in [0, 1) by purpose. There is no state: the order of the calls does not matter. */
export type Draws = { uniform(purpose: string): number; normal(purpose: string): number; digest: string };

const lengthPrefixed = (fields: readonly string[]): string =>
  fields.map((field) => `${field.length}:${field}`).join('');

/** The first 53 bits of a SHA-256 over length-prefixed fields, divided by 2^53: uniform in [0, 1). */
export const uniformOf = (fields: readonly string[]): number => uniformOfText(lengthPrefixed(fields));

function uniformOfText(text: string): number {
  const digest = hash('sha256', text, 'buffer');
  return (digest.readUInt32BE(0) * 2 ** 21 + (digest.readUInt32BE(4) >>> 11)) / 2 ** 53;
}

/** A short, stable name of a text: 16 hexadecimal characters of its SHA-256. */
export function shortHash(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 16);
}

/** Makes the draws of one key. `digest` names the key itself. */
export function makeDraws(key: DrawKey): Draws {
  return drawsOf([
    key.seed,
    key.persona,
    String(key.personaVersion),
    key.model,
    key.conditionKey,
    key.promptKey,
    key.sampleKey,
  ]);
}

/** Draws for any list of fields, for purposes that are not part of an answer: latency, faults, item difficulty. */
export function drawsOf(fields: readonly string[]): Draws {
  const prefix = lengthPrefixed(fields);
  const uniform = (purpose: string): number => uniformOfText(`${prefix}${purpose.length}:${purpose}`);
  return {
    uniform,
    normal: (purpose) => normalFrom(uniform(`${purpose}/1`), uniform(`${purpose}/2`)),
    get digest() {
      return shortHash(prefix);
    },
  };
}

/** A standard normal deviate from two uniforms (Box and Muller, 1958). */
function normalFrom(first: number, second: number): number {
  return Math.sqrt(-2 * Math.log(1 - first)) * Math.cos(2 * Math.PI * second);
}

/** A lognormal deviate: `median * exp(sigma * z)`. */
export function lognormal(draws: Draws, purpose: string, median: number, sigma: number): number {
  return sigma === 0 ? median : median * Math.exp(sigma * draws.normal(purpose));
}

/**
 * A Beta(alpha, beta) deviate for whole parameters: the alpha-th smallest of alpha + beta - 1 uniforms has that
 * distribution (order statistics), so no rejection loop is needed and the number of draws is fixed.
 */
export function betaDeviate(draws: Draws, purpose: string, alpha: number, beta: number): number {
  const uniforms = Array.from({ length: alpha + beta - 1 }, (_, index) => draws.uniform(`${purpose}/${index}`));
  return uniforms.toSorted((a, b) => a - b)[alpha - 1] ?? 0.5;
}
