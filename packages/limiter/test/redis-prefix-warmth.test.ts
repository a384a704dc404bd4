import type { TestContext } from 'node:test';
import { openRedis, redisMissing } from '../../../test/support/redis.ts';
import { openRedisPrefixWarmth } from '../src/redis-prefix-warmth.ts';
import { type OpenPrefixWarmth, prefixWarmthSuite } from '../testing/prefix-warmth-suite.ts';

const servers = new WeakMap<TestContext, Promise<{ url: string }>>();

const open: OpenPrefixWarmth = async (t) => {
  const server = servers.get(t) ?? openRedis(t);
  servers.set(t, server);
  const warmth = openRedisPrefixWarmth({ url: (await server).url });
  t.after(() => warmth[Symbol.asyncDispose]());
  return warmth;
};

prefixWarmthSuite('Redis', open, { skip: redisMissing() });
