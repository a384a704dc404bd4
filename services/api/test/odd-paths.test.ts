import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { openApi } from './support/api.ts';

/** What is served beside the reference: the console, its files, the pages of the reference itself. */
const PLACES = [
  '',
  '/assets',
  '/docs',
  '/docs/static',
  '/docs/json',
  '/sweeps',
  '/sweeps/x/report',
  '/icon.svg',
  '/style.css',
  '/ops',
];
const TAILS = [
  '/',
  '/../secret',
  '/..%2f..%2fsecret',
  '/%2e%2e/%2e%2e/secret',
  '/..%5c..%5csecret',
  '/%00',
  '/a%00b',
  '/%ff',
  '/.env',
  '/%c3%a9',
  '/x'.repeat(300),
  '?a=%00&b=%zz',
  '//elsewhere.example/%2f..',
];

test('odd paths beside the routes of the reference reach no other file, lead nowhere else, and are refused with a problem', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'crosscheck-paths-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const consoleDir = path.join(folder, 'console');
  mkdirSync(path.join(consoleDir, 'assets'), { recursive: true });
  for (const file of ['secret', 'console/secret', 'console/index.html', 'console/assets/app.js', 'console/icon.svg'])
    writeFileSync(path.join(folder, file), file.endsWith('secret') ? 'do not tell' : '<p>the console</p>');
  const { app } = await openApi(t, { consoleDir });
  for (const url of PLACES.flatMap((place) => TAILS.map((tail) => place + tail))) {
    const answer = await app.inject({ method: 'GET', url });
    const { statusCode, headers, body } = answer;
    assert.ok(statusCode < 500, `${url} answers ${statusCode}`);
    assert.ok(!body.includes('do not tell'), url);
    assert.doesNotMatch(String(headers.location ?? '/'), /^(\/\/|\w+:)/, url);
    if (statusCode >= 400) assert.match(String(headers['content-type']), /^application\/problem\+json/, url);
  }
});
