import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ensureLane, ensureProvider, openPool } from '@crosscheck/store';
import { openDatabase } from '../../../test/support/postgres.ts';
import { makeDirectory } from '../src/directory.ts';

const LIMITS = {
  requestsPerMinute: 60,
  inputTokensPerMinute: null,
  outputTokensPerMinute: null,
  maxInFlight: null,
};

test('a lane that came after the latest look is found, with its provider; one that nobody made is not', async (t) => {
  const { url } = await openDatabase(t);
  await using opened = new AsyncDisposableStack();
  const pool = openPool({ url, name: 'directory', max: 2 });
  opened.defer(() => pool.end());
  const directory = makeDirectory({ pool, env: {}, wrap: (client) => client });
  await directory.refresh();
  await ensureProvider(pool, 'new', { dialect: 'anthropic', baseUrl: 'http://127.0.0.1:9' });
  await ensureLane(pool, { id: 'new/m', providerId: 'new', pool: 'm', limits: LIMITS });
  assert.equal((await directory.findLane('new/m')).providerId, 'new');
  assert.equal(directory.provider('new').baseUrl, 'http://127.0.0.1:9');
  await assert.rejects(directory.findLane('new/none'), /there is no lane "new\/none"/);
});
