import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { ConfigError, readConfig, requireDatabaseUrl } from '@crosscheck/runtime';

test('an empty environment gives the defaults of a first start', () => {
  const config = readConfig({});
  assert.equal(config.host, '127.0.0.1');
  assert.equal(config.port, 7400);
  assert.equal(config.workers, 1);
  assert.equal(config.dataDir, path.resolve('.crosscheck'));
  assert.equal(config.databaseUrl, null);
  assert.equal(config.redisUrl, null);
  assert.equal(config.adminKey, null);
  assert.equal(config.logLevel, 'info');
});

test('a variable that is set to nothing counts as one that is not set', () => {
  assert.deepEqual(readConfig({ CROSSCHECK_PORT: '', DATABASE_URL: ' ', LOG_LEVEL: '' }), readConfig({}));
});

test('port 0 is kept: it asks for a free one', () => {
  assert.equal(readConfig({ CROSSCHECK_PORT: '0' }).port, 0);
});

const WRONG: [variable: string, value: string, expected: RegExp][] = [
  ['CROSSCHECK_PORT', 'http', /"http": expected a whole number from 0 to 65535/],
  ['CROSSCHECK_PORT', '65536', /"65536"/],
  ['CROSSCHECK_PORT', '-1', /"-1"/],
  ['CROSSCHECK_PORT', '1e3', /"1e3"/],
  ['CROSSCHECK_PORT', '7400.5', /"7400.5"/],
  ['CROSSCHECK_WORKERS', '0', /from 1 to 256/],
  ['DATABASE_URL', 'localhost:5432', /a URL such as postgres:\/\//],
  ['DATABASE_URL', 'mysql://localhost/x', /a URL such as postgres:\/\//],
  ['REDIS_URL', 'localhost', /a URL such as redis:\/\//],
  ['ANTHROPIC_BASE_URL', 'file:///etc/passwd', /a URL such as https:\/\//],
  ['CROSSCHECK_ALLOW_PRIVATE_URLS', '10.0.0.0/99', /host names, addresses, ranges/],
  ['CROSSCHECK_ALLOW_PRIVATE_URLS', '10.0.0', /host names, addresses, ranges/],
  ['LOG_LEVEL', 'loud', /one of fatal, error, warn, info/],
  ['CROSSCHECK_ADMIN_KEY', 'short', /at least 16 characters/],
];

for (const [variable, value, expected] of WRONG) {
  test(`${variable}=${value} is refused by name, with what would do`, () => {
    assert.throws(
      () => readConfig({ [variable]: value }),
      (error: unknown) => error instanceof ConfigError && error.variable === variable && expected.test(error.message),
    );
  });
}

test('no message repeats a password or a key', () => {
  assert.throws(() => readConfig({ DATABASE_URL: 'mysql://root:hunter2@db/x' }), { message: /mysql:\/\/\*\*\*@db/ });
  assert.throws(() => readConfig({ CROSSCHECK_ADMIN_KEY: 'hunter2' }), { message: /"7 characters"/ });
});

test('a service without a database says which variable it wants', () => {
  assert.throws(() => requireDatabaseUrl(readConfig({})), /DATABASE_URL/);
  const url = 'postgres://u:p@db:5432/x';
  assert.equal(requireDatabaseUrl(readConfig({ DATABASE_URL: url })), url);
});
