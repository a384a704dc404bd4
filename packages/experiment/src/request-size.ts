import { CrosscheckError, type Prompt, type ResolvedCondition } from '@crosscheck/contracts';
import { countPlaceholders, valueOf } from './placeholders.ts';

/** More than the context of any model; a request beyond it is a mistake, and it would be held in memory many times over. */
export const REQUEST_BYTES_MAX = 8_000_000;

/** What a condition sends: bytes of its own, and how often it places each value. */
export type RequestShape = { field: string; ownBytes: number; uses: ReadonlyMap<string, number> };

/** The shapes of the requests of a sweep, by the ordinal of the condition. */
export function requestShapes(conditions: readonly Pick<ResolvedCondition, 'system' | 'user'>[]): RequestShape[] {
  return conditions.map(({ system, user }, index) => {
    const templates = `${system ?? ''}${user}`;
    return {
      field: `conditions[${index}]`,
      ownBytes: Buffer.byteLength(templates),
      uses: countPlaceholders(templates),
    };
  });
}

/**
 * Refuses a prompt with which a condition would make a request that is too large: before the first call, and before it is put together.
 *
 * @throws CrosscheckError REQUEST_TOO_LARGE with the condition
 */
export function checkRequestSize(shapes: readonly RequestShape[], prompt: Prompt): void {
  for (const { field, ownBytes, uses } of shapes) {
    let bytes = ownBytes;
    for (const [name, times] of uses) bytes += times * Buffer.byteLength(valueOf(name, prompt) ?? '');
    if (bytes > REQUEST_BYTES_MAX) throw tooLarge(field, prompt.id, bytes);
  }
}

export function tooLarge(field: string, promptId: string, bytes: number): CrosscheckError {
  return new CrosscheckError(
    'REQUEST_TOO_LARGE',
    `prompt "${promptId}" in this condition is a request of ${bytes} bytes`,
    {
      field,
      got: bytes,
      expected: `at most ${REQUEST_BYTES_MAX} bytes: a shorter prompt, or fewer placeholders`,
    },
  );
}
