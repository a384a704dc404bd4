import { createHash } from 'node:crypto';
import type { ModelRequest, Provider } from '@crosscheck/contracts';
import { findModel } from '@crosscheck/models';

/** Of a model that the catalogue does not know. */
const MIN_CACHE_TOKENS = 1_024;
/** Few tokens have less than this, bytes: a prefix that is too short even so is never cached. */
const BYTES_PER_TOKEN_MIN = 2.5;

/**
 * Names the prefix that a request asks to cache: calls with one name read what the first of them wrote. Cached are system prompts by
 * account, model and everything that is sent before the messages or changes how they are read.
 *
 * @returns null when nothing is cached: not asked for, too short for the model, or a server without such a cache
 */
export function prefixOf(
  { model, system, cachePrefix, outputSchema, sampling: { thinking, effort } }: ModelRequest,
  { id, dialect }: Pick<Provider, 'id' | 'dialect'>,
): string | null {
  if (cachePrefix !== true || system === null || dialect !== 'anthropic') return null;
  const tokensMin = findModel(model)?.minCacheTokens ?? MIN_CACHE_TOKENS;
  if (Buffer.byteLength(system) / BYTES_PER_TOKEN_MIN < tokensMin) return null;
  return createHash('sha256')
    .update(JSON.stringify([id, model, system, outputSchema ?? null, thinking ?? null, effort ?? null]))
    .digest('base64url');
}
