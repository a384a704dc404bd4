import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { openStack } from '../../tools/stack.ts';
import { openDatabase } from '../support/postgres.ts';
import { COMPILE_CACHE } from '../support/processes.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

type Ran = { code: number; out: string; err: string };
type Crosscheck = (...args: string[]) => Promise<Ran>;

test('the command against a running server', { timeout: 240_000 }, async (t) => {
  const crosscheck = await openCrosscheck(t);

  await t.test(
    'the example with a dataset of its own runs, and its numbers, transcripts and state can be had',
    async () => {
      const quote = await crosscheck('quote', 'examples/regex.yaml');
      assert.equal(quote.code, 0, quote.err);
      assert.match(quote.out, /^192 trials: 192 calls/);

      const run = await crosscheck('run', 'examples/regex.yaml', '--json');
      assert.equal(run.code, 0, run.err);
      const { sweep, metrics } = JSON.parse(run.out);
      assert.deepEqual([sweep.state, sweep.progress.settled, sweep.provenance], ['completed', 192, 'simulated']);
      const [gap] = metrics.contrasts;
      assert.deepEqual([gap.id, gap.grader, gap.pairs], ['audience', 'refusal', 24]);
      assert.ok(gap.ci.low > 0, JSON.stringify(gap));

      const show = await crosscheck('show', sweep.id);
      assert.match(show.out, /192 of 192 \(100 %\)/);
      assert.match(show.out, /sim\/sonnet35-like \(simulated\) +watched − unwatched +refusal +24/);

      const exported = await crosscheck('export', sweep.id);
      const trials = exported.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      assert.equal(trials.length, 192);
      assert.equal(new Set(trials.map(({ prompt }) => prompt)).size, 24);

      const power = await crosscheck('power', sweep.id, '--gap', '0.1', '--samples', '1,4');
      assert.equal(power.code, 0, power.err);
      assert.match(power.out, /^pilot: sim\/sonnet35-like \(simulated\), audience, refusal: 24 pairs/);
      assert.match(power.out, /prompts to find a gap of \+10\.0 points with a chance of 80 %/);
      const without = await crosscheck('power', '--gap', '0.05', '--json');
      assert.equal(JSON.parse(without.out).source, 'defaults');

      const compare = await crosscheck('compare', sweep.id, sweep.id);
      assert.equal(compare.code, 0, compare.err);
      assert.match(compare.out, /24 prompts in both, matched by id and text/);
      assert.match(compare.out, /watched +id +the same/);
      const diff = await crosscheck('diff', sweep.id, sweep.id);
      assert.match(diff.out, /^no difference/);

      const report = await crosscheck('report', sweep.id);
      assert.equal(report.code, 0, report.err);
      assert.match(report.out, /^<!doctype html>[^]*SIMULATED[^]*<\/html>\n$/);
      const numbers = JSON.parse((await crosscheck('report', sweep.id, '--json')).out);
      assert.deepEqual(numbers.contrasts, metrics.contrasts);

      const refused = await crosscheck('pause', sweep.id);
      assert.equal(refused.code, 1);
      assert.match(refused.err, /^STATE_CONFLICT: [^\n]+\n$/);
    },
  );

  await t.test('a dataset is the same version as CSV and as NDJSON', async () => {
    const uploads = ['examples/prompts.csv', 'examples/prompts.jsonl'].map((file) =>
      crosscheck('dataset', 'upload', file, '--json'),
    );
    const [csv, ndjson] = (await Promise.all(uploads)).map(({ out }) => JSON.parse(out));
    assert.equal(csv.prompts, 24);
    assert.equal(csv.version, ndjson.version);
  });

  await t.test('a bad line of a dataset is refused with its number', async () => {
    const { code, err } = await crosscheck('dataset', 'upload', 'test/e2e/bad-prompts.jsonl');
    assert.equal(code, 1);
    assert.match(err, /^DATASET_LINE_INVALID: line 2/);
  });
});

/** Starts everything and answers a function that runs one command line in the repository's folder, as a person would. */
async function openCrosscheck(t: TestContext): Promise<Crosscheck> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'crosscheck-cli-'));
  const { url: databaseUrl } = await openDatabase(t);
  const { HOME, PATH } = process.env;
  const base = { HOME, PATH, ...COMPILE_CACHE, CROSSCHECK_DATA_DIR: dataDir };
  const stack = await openStack({
    output: new PassThrough().resume(),
    env: { ...base, LOG_LEVEL: 'silent', DATABASE_URL: databaseUrl, CROSSCHECK_PORT: '0' },
  });
  t.after(async () => {
    await stack.close();
    rmSync(dataDir, { recursive: true });
  });
  return async (...args) => {
    const cli = spawn(process.execPath, ['packages/client/src/cli.ts', ...args], {
      cwd: ROOT,
      env: { ...base, CROSSCHECK_URL: stack.url },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [out, err, [code]] = await Promise.all([text(cli.stdout), text(cli.stderr), once(cli, 'exit')]);
    return { code, out, err };
  };
}
