import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { suite, test, type TestContext } from 'node:test';
import type { Calibration } from '@crosscheck/contracts';
import { runCli } from '../src/cli/program.ts';
import { openWireServer, sendJson } from './support/wire-server.ts';

const CSV = 'trial,measure,label,labeller\n7,compliance,refused,ann\n';
const share = { estimate: 0.9, low: 0.8, high: 0.95 };
const CALIBRATION: Calibration = {
  sweep: 's1',
  labels: [
    {
      measure: 'compliance',
      codebook: '1',
      codebooks: { '1': 120, v0: 7 },
      labels: 120,
      blind: 120,
      labellers: ['ann'],
      trials: 120,
      resolved: 120,
      disputed: 0,
      alpha: null,
      pairable: 0,
    },
  ],
  judges: [
    {
      grader: 'judge',
      measure: 'compliance',
      version: 'abcdef0123',
      current: true,
      calibrated: true,
      why: 'calibrated',
      n: 120,
      confusion: { tp: 54, fp: 6, fn: 6, tn: 54 },
      weighting: 'none',
      sensitivity: share,
      specificity: share,
      youden: { estimate: 0.8, low: 0.7, high: 0.9 },
      precision: 0.9,
      kappa: 0.8,
      seKappa: 0.05,
      kappaLow: 0.702,
      kappaHigh: 0.898,
      ac1: 0.8,
      pabak: 0.8,
      auroc: { estimate: 0.91, se: 0.03, low: 0.83, high: 0.96, why: null },
      from: [],
      conditions: [],
      warnings: ['fewer than 30 effective labels'],
    },
  ],
  agreement: [
    { measure: 'compliance', graders: ['judge', 'rule'], n: 96, observed: 0.9, kappa: 0.71, ac1: 0.85, alpha: null },
  ],
  cells: [
    {
      model: 'm',
      condition: 'free',
      grader: 'judge',
      metric: 'compliance_rate',
      raw: { estimate: 0.4, se: 0.05 },
      roganGladen: { estimate: 0.375, se: 0.06, low: 0.25, high: 0.5, refused: null, clamped: false, n: 120 },
      ppi: { estimate: null, se: null, low: null, high: null, refused: 'labels_not_drawn', clamped: false, n: 60 },
    },
  ],
  contrasts: [
    {
      id: 'tier',
      model: 'm',
      treatment: 'free',
      control: 'paid',
      grader: 'judge',
      metric: 'compliance_gap',
      raw: { estimate: 0.1, se: 0.05 },
      roganGladen: { estimate: 0.125, se: 0.06, low: -0.01, high: 0.25, refused: null, clamped: false, n: 120 },
      ppi: { estimate: null, se: null, low: null, high: null, refused: 'labels_not_drawn', clamped: false, n: 60 },
      warnings: ['the judge is not equally good in both arms'],
    },
  ],
};

/** Runs command lines against a server that answers as the API does; `seen` holds what it was asked. */
async function openDesk(t: TestContext) {
  const seen: string[] = [];
  const { url } = await openWireServer(t, (request, response, body) => {
    const asked = `${request.method} ${request.url}`;
    seen.push(`${asked} ${request.headers['content-type'] ?? ''} ${body}`.trim());
    if (asked.startsWith('GET /v1/sweeps/s1/labels'))
      return response.writeHead(200, { 'content-type': 'text/csv' }).end(CSV);
    if (asked.startsWith('GET')) return sendJson(response, 200, CALIBRATION);
    if (asked.endsWith('/labels')) return sendJson(response, 201, { kept: 1, unchanged: 0, ids: ['l1'] });
    return sendJson(response, 200, { id: 's1', state: 'running', trials: 8, graders: ['judge'] });
  });
  const cwd = mkdtempSync(path.join(tmpdir(), 'crosscheck-labels-'));
  t.after(() => rmSync(cwd, { recursive: true }));
  writeFileSync(path.join(cwd, 'labels.csv'), CSV);
  writeFileSync(path.join(cwd, 'judge.yaml'), 'id: judge\nkind: judge\nmodel: sim/judge-exact\n');
  return {
    seen,
    run: async (...args: string[]): Promise<[code: number, out: string, err: string]> => {
      const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
      const said = [text(stdout), text(stderr)] as const;
      const terminal = { env: { CROSSCHECK_KEY: 'k', CROSSCHECK_URL: url }, cwd, stdin, stdout, stderr };
      const code = await runCli(args, { ...terminal, signal: new AbortController().signal });
      stdout.end();
      stderr.end();
      return [code, await said[0], await said[1]];
    },
  };
}

suite('labels and judges on the command line', () => {
  test('labels leave and come as CSV', async (t) => {
    const { run, seen } = await openDesk(t);
    assert.deepEqual(await run('labels', 'export', 's1'), [0, CSV, '']);
    assert.deepEqual(await run('labels', 'import', 's1', 'labels.csv'), [0, '1 label kept, 0 there already\n', '']);
    assert.deepEqual(seen, ['GET /v1/sweeps/s1/labels?format=csv', `POST /v1/sweeps/s1/labels text/csv ${CSV.trim()}`]);
    const [code, , err] = await run('labels', 'import', 's1', 'none.csv');
    assert.deepEqual([code, /none\.csv does not exist/.test(err)], [2, true]);
  });

  test('a calibration shows each judge, and each rate with its corrections or why there is none', async (t) => {
    const { run, seen } = await openDesk(t);
    const [code, out] = await run('calibration', 's1', '--random-labels');
    assert.equal(code, 0);
    assert.match(out, /^compliance: codebook 1 counts \(120 labels\), and not v0 \(7\)\n\ngrader/);
    assert.match(out, /judge +abcdef01 +120 +90\.0 \[80\.0, 95\.0\]/);
    assert.match(out, /0\.80 \[0\.70, 0\.90\] +0\.91 \[0\.83, 0\.96\] +yes/);
    assert.match(out, /compliance +judge, rule +96 +90\.0 +0\.71 +0\.85 +–/);
    assert.match(out, /free − paid +judge +compliance_gap +\+10\.0 +\+12\.5 \[-1\.0, \+25\.0\] +labels_not_drawn/);
    assert.match(
      out,
      /Warning: fewer than 30 effective labels \(judge\)\nWarning: the judge is .* \(judge, m, tier\)\n$/,
    );
    assert.match(out, /40\.0 +37\.5 \[25\.0, 50\.0\] +labels_not_drawn/);
    assert.deepEqual(seen, ['GET /v1/sweeps/s1/calibration?randomLabels=true']);
  });

  test('a grader of a file grades a sweep anew', async (t) => {
    const { run, seen } = await openDesk(t);
    const [code, out] = await run('regrade', 's1', '--grader', 'judge.yaml');
    assert.deepEqual([code, out], [0, '8 trials are graded anew by judge; the sweep is running\n']);
    assert.match(seen[0] ?? '', /\{"graders":\[\{"id":"judge","kind":"judge","model":"sim\/judge-exact"\}\]\}$/);
  });
});
