import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { openPool, putProvider } from '@crosscheck/store';
import { openDatabase } from '../support/postgres.ts';
import { COMPILE_CACHE } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { openStack } from '../../tools/stack.ts';
import { unquoteFormula } from '../../services/api/src/export/formulas.ts';
import { goodSweep } from '../../services/api/test/support/api.ts';
import { readCsv, readParquet } from '../../services/api/test/support/read-exports.ts';

/** What a model may say; the n-th prompt is answered with the n-th. */
const ANSWERS = [
  'sure '.repeat(400_000),
  '\u001b[31mred\u001b]0;owned\u0007\u009b2J',
  'a\0b',
  '\u202eright\u2066 to left',
  '<script>alert(1)</script><img src=x onerror=alert(1)>',
  '=1+1',
  '+1',
  '-1',
  '@SUM(1)',
  '\t=1',
  '\r=1',
  'line\r\n{"level":30,"msg":"forged"}\nline',
  'half \ud800 of a pair',
  '"quoted", and\n"not"',
  '</OUTPUT>{{prompt}}__proto__',
];
/** Those that fail say something hostile about it. */
const FAILING = ['fails by its model', 'fails by a refusal'];
const NAME = '\u001b[2J<script>alert("name")</script>\u202e=1+1';
/** C0 but line feeds, C1, and what turns the direction of reading. */
const PERFORMED = /(?!\n)\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u;
const ROOT = path.resolve(import.meta.dirname, '../..');

/** What is kept of an answer: all that Postgres can keep. */
const kept = (answer: string): string => answer.replaceAll('\0', '\ufffd').toWellFormed();

async function openLiar(t: TestContext): Promise<string> {
  const answerAs = (response: ServerResponse, body: string): void => {
    const index = Number(/case (\d+)!/.exec(body)?.[1] ?? -1);
    const isRefused = index === ANSWERS.length + 1;
    response.writeHead(isRefused ? 400 : 200, {
      'content-type': 'application/json',
      'x-request-id': '=cmd|calc!\u00ff',
    });
    const message = { role: 'assistant', content: ANSWERS[index] ?? NAME };
    const answer = {
      id: NAME,
      model: index >= ANSWERS.length ? NAME : 'm',
      choices: [{ index: 0, finish_reason: 'stop', message }],
      usage: { prompt_tokens: 5, completion_tokens: 5 },
    };
    response.end(
      JSON.stringify(isRefused ? { error: { message: `${NAME}\nforged`, type: NAME, code: NAME } } : answer),
    );
  };
  const server = createServer((request, response) => void text(request).then((body) => answerAs(response, body)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('what a model says passes through storage, exports, report, command and logs as text, and does nothing there', async (t) => {
  let close = async () => {};
  t.after(() => close());
  const { url: databaseUrl } = await openDatabase(t);
  const folder = mkdtempSync(path.join(tmpdir(), 'crosscheck-hostile-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const baseUrl = await openLiar(t);
  let logs = '';
  const output = new PassThrough().on('data', (chunk: Buffer) => (logs += chunk.toString()));
  const { HOME, PATH } = process.env;
  const env = { HOME, PATH, ...COMPILE_CACHE, CROSSCHECK_DATA_DIR: folder };
  const stack = await openStack({
    env: {
      ...env,
      CROSSCHECK_PORT: '0',
      CROSSCHECK_ALLOW_PRIVATE_URLS: 'loopback',
      DATABASE_URL: databaseUrl,
      LOG_LEVEL: 'debug',
    },
    simulator: false,
    output,
  });
  const pool = openPool({ url: databaseUrl, name: 'hostile answers', max: 2 });
  close = async () => {
    await pool.end();
    await stack.close();
  };
  await putProvider(pool, 'liar', { dialect: 'openai', baseUrl, simulated: true });
  const get = async (route: string) =>
    fetch(`${stack.url}${route}`, { headers: { authorization: `Bearer ${stack.adminKey}` } });
  const post = async (route: string, body: object) => {
    const answer = await fetch(`${stack.url}${route}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stack.adminKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.ok(answer.ok, await answer.clone().text());
    return (await answer.json()) as Record<string, unknown>;
  };

  const cases = [...ANSWERS, ...FAILING].map((_, index) => ({
    id: `p${String(index).padStart(2, '0')}`,
    text: `case ${index}!`,
  }));
  const { id } = await post('/v1/sweeps', {
    ...goodSweep({ name: NAME, models: ['liar/m'], samples: 1, dataset: { prompts: cases } }),
    conditions: [{ id: 'only', user: '{{prompt}}' }],
    contrasts: [],
  });
  const sweep = `/v1/sweeps/${String(id)}`;
  await until(
    'the sweep is done',
    async () => ((await (await get(sweep)).json()) as { state: string }).state === 'completed',
    { timeoutMs: 60_000 },
  );

  await t.test('as JSON and as lines of JSON every answer is what was said', async () => {
    const lines = (await (await get(`${sweep}/export`)).text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row);
    assert.deepEqual(answersOf(lines), ANSWERS.map(kept));
    for (const { trial, prompt, response } of lines.filter(({ response }) => response !== null)) {
      const shown = (await (await get(`/v1/trials/${trial}`)).json()) as { response: { text: string } };
      assert.equal(shown.response.text === response, true, prompt);
    }
  });

  await t.test('as Parquet too', async () => {
    const file = await (await get(`${sweep}/export?format=parquet`)).arrayBuffer();
    assert.deepEqual(answersOf((await readParquet(file)) as Row[]), ANSWERS.map(kept));
  });

  await t.test('as CSV each is one cell, and none is a formula', async () => {
    const csv = await (await get(`${sweep}/export?format=csv`)).text();
    const rows = readCsv(csv) as Row[];
    assert.equal(rows.length, cases.length);
    assert.deepEqual(
      answersOf(rows).map((answer) => unquoteFormula(answer)),
      ANSWERS.map(kept),
    );
    const cells = rows.flatMap((row) => Object.values(row));
    assert.deepEqual(
      cells.filter((cell) => /^[=+\-@\t\r]/.test(String(cell))),
      [],
    );
  });

  await t.test('labels go out and come back without becoming formulas', async () => {
    const trial = ((await (await get(`${sweep}/trials?limit=1`)).json()) as { items: { id: string }[] }).items[0]?.id;
    const notes = ['=1+1', '\t=2', '\u202e<b>', "'=3"];
    const label = { trial, measure: 'compliance', label: 'complied' };
    await post(
      `${sweep}/labels`,
      notes.map((note, index) => ({ ...label, labeller: `@ann ${index}`, note })),
    );
    const csv = await (await get(`${sweep}/labels?format=csv`)).text();
    const rows = readCsv(csv);
    assert.equal(rows.length, notes.length);
    assert.deepEqual(
      rows.flatMap((row) => Object.values(row)).filter((cell) => /^[=+\-@\t\r]/.test(cell)),
      [],
    );
    const sent = await fetch(`${stack.url}${sweep}/labels`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stack.adminKey}`, 'content-type': 'text/csv' },
      body: csv,
    });
    assert.deepEqual(((await sent.json()) as { unchanged?: number }).unchanged, notes.length, 'the same labels');
  });

  await t.test('in the report nothing is markup', async () => {
    const html = await (await get(`${sweep}/report`)).text();
    assert.ok(html.includes('&lt;script&gt;alert(&quot;name&quot;)'), 'the name is there, as text');
    assert.doesNotMatch(html, /<script|<img|onerror=/);
  });

  await t.test('on the command line nothing is performed', async () => {
    for (const args of [['ls'], ['show', String(id)], ['dead-letters'], ['lanes'], ['calibration', String(id)]]) {
      const command = spawn(process.execPath, ['packages/client/src/cli.ts', ...args], {
        cwd: ROOT,
        env: { ...env, CROSSCHECK_URL: stack.url, NO_COLOR: '1' },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const [out, err, [code]] = await Promise.all([text(command.stdout), text(command.stderr), once(command, 'exit')]);
      assert.equal(code, 0, err);
      if (args[0] === 'ls') assert.ok(out.includes('\\x1b[2J<script>'), out);
      assert.ok(out.length > 0);
      assert.doesNotMatch(out + err, PERFORMED, args.join(' '));
    }
  });

  await t.test('in logs every line is one record of ours', async () => {
    const records = logs
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { msg?: string; level?: number });
    assert.ok(records.length > 20);
    assert.doesNotMatch(logs, PERFORMED);
    assert.deepEqual(
      records.filter(({ msg }) => msg === 'forged'),
      [],
    );
  });
});

type Row = { trial: string; prompt: string; response: string | null };

/** Of the trials that were answered, in the order of the prompts. */
function answersOf(rows: Row[]): string[] {
  const answered = rows.toSorted((a, b) => a.prompt.localeCompare(b.prompt)).slice(0, ANSWERS.length);
  return answered.map(({ response }) => response ?? '');
}
