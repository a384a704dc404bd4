import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { adminKeyPath, readAdminKey } from '@crosscheck/runtime';

function openFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'crosscheck-key-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return path.join(folder, 'data');
}

test('the first start makes a key that only its user can read, and later starts find it', (t) => {
  const dataDir = openFolder(t);
  const key = readAdminKey({ adminKey: null, dataDir });
  assert.match(key, /^xc_admin_[\w-]{32}$/);
  assert.equal(statSync(adminKeyPath(dataDir)).mode & 0o777, 0o600);
  assert.equal(readAdminKey({ adminKey: null, dataDir }), key);
  assert.equal(readFileSync(adminKeyPath(dataDir), 'utf8').trim(), key);
  assert.deepEqual(readdirSync(dataDir), ['admin-key']);
});

test(
  'a key file that others can read stops the start and says what to do',
  { skip: process.platform === 'win32' },
  (t) => {
    const dataDir = openFolder(t);
    readAdminKey({ adminKey: null, dataDir });
    chmodSync(adminKeyPath(dataDir), 0o644);
    assert.throws(() => readAdminKey({ adminKey: null, dataDir }), /mode 644.*chmod 600/);
  },
);

test('two folders get different keys', (t) => {
  assert.notEqual(
    readAdminKey({ adminKey: null, dataDir: openFolder(t) }),
    readAdminKey({ adminKey: null, dataDir: openFolder(t) }),
  );
});

test('a configured key is used and written nowhere', (t) => {
  const dataDir = openFolder(t);
  assert.equal(readAdminKey({ adminKey: 'a-key-of-my-own-choice', dataDir }), 'a-key-of-my-own-choice');
  assert.throws(() => statSync(dataDir), { code: 'ENOENT' });
});
