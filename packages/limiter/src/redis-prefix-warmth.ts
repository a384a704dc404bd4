import type { PrefixWarmth } from '@crosscheck/contracts';
import { Redis } from 'ioredis';
import { prefixKey } from './keys.ts';

export type RedisPrefixWarmthOptions = {
  url: string;
  /** first part of every key; one per installation. Default `xc`. */
  prefix?: string;
  /** told of lost connections; ioredis connects again by itself */
  onError?: (error: Error) => void;
};

/** A connection that was asked something and says nothing for this long is made anew, ms. */
const SILENT_MS = 10_000;

/** Opens the warmth of prefixes in Redis (7.0 or later): one key each, which expires by itself. */
export function openRedisPrefixWarmth({
  url,
  prefix = 'xc',
  onError = () => undefined,
}: RedisPrefixWarmthOptions): PrefixWarmth & AsyncDisposable {
  const redis = new Redis(url, { maxRetriesPerRequest: 1, connectTimeout: 5_000, socketTimeout: SILENT_MS });
  redis.on('error', onError);
  return {
    async claim(key, leaseMs) {
      const before = await redis.set(prefixKey(prefix, key), 'claimed', 'PX', Math.ceil(leaseMs), 'NX', 'GET');
      if (before === null) return 'first';
      return before === 'warm' ? 'warm' : 'claimed';
    },
    async warm(key, forMs) {
      await redis.set(prefixKey(prefix, key), 'warm', 'PX', Math.max(1, Math.ceil(forMs)));
    },
    async release(key) {
      await redis.del(prefixKey(prefix, key));
    },
    async [Symbol.asyncDispose]() {
      redis.disconnect();
    },
  };
}
