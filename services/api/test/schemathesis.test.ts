import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { lay } from './fire/ground.ts';
import { openApi } from './support/api.ts';

/** Where `pip install schemathesis` put it; `.ci/run` does. */
const PROGRAM = process.env['SCHEMATHESIS'] ?? 'schemathesis';
const EXAMPLES = process.env['SCHEMATHESIS_EXAMPLES'] ?? '5';
const RUN_S_MAX = 15;
/** What a schema cannot say: a sweep that fits may name a model that nobody has. */
const EXCLUDED = 'positive_data_acceptance';
/** Read by lines, which it cannot write: `under-fire.test.ts` sends those. */
const BY_LINES = ['POST /v1/datasets', 'POST /v1/imports'];
const isThere = spawnSync(PROGRAM, ['--version'], { stdio: 'ignore' }).status === 0;
const skip = isThere ? false : 'schemathesis is not installed here';

test('schemathesis finds no answer that the reference does not describe', { skip, timeout: 180_000 }, async (t) => {
  // Time flies here: an address that sends a wrong key to every route would else be held back, with 429 where 401 is looked for.
  const api = await openApi(t, { clock: { nowMs: () => Date.now() * 1_000 } });
  const folder = mkdtempSync(path.join(tmpdir(), 'crosscheck-schemathesis-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { keys } = await lay(api);
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = api.app.server.address() as AddressInfo;
  const options = [
    `--checks all --exclude-checks ${EXCLUDED} --phases coverage,fuzzing --max-examples ${EXAMPLES} --max-time ${RUN_S_MAX}`,
    // Readiness answers 503 by design: nothing runs here but the api.
    '--request-timeout 20 --no-shrink --continue-on-failure --suppress-health-check all --warnings off --no-color --exclude-path /readyz',
  ].flatMap((line) => line.split(' '));
  const given = [
    ...BY_LINES.flatMap((name) => ['--exclude-name', name]),
    '--header',
    `Authorization: Bearer ${keys.all}`,
  ];
  const run = promisify(execFile)(PROGRAM, ['run', `http://127.0.0.1:${port}/openapi.json`, ...options, ...given], {
    timeout: (RUN_S_MAX + 60) * 1_000,
    maxBuffer: 64_000_000,
    // It leaves its notes where it runs.
    cwd: folder,
  });
  const { code = 0, stdout } = (await run.catch((error: { code?: number; stdout: string }) => error)) as {
    code?: number;
    stdout: string;
  };
  t.diagnostic(
    stdout
      .split('\n')
      .filter((line) => /Seed| generated/.test(line))
      .map((line) => line.trim())
      .join('; '),
  );
  assert.equal(code, 0, stdout);
});
