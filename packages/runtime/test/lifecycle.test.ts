import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProcess } from '../../../test/support/processes.ts';

const file = 'packages/runtime/test/small-service.ts';

test('a service says when it is ready and where it listens', async (t) => {
  const { ready } = await startProcess(t, { file });
  assert.deepEqual(ready, { type: 'crosscheck:ready', service: 'small', port: 1234 });
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} lets a service close what it opened and end with exit code 0`, async (t) => {
    const service = await startProcess(t, { file });
    assert.deepEqual(await service.kill(signal), { code: 0, signal: null });
    assert.match(service.output(), /"closed"/);
  });
}

test('an error that nobody caught closes the service as a signal would, with exit code 1', async (t) => {
  const service = await startProcess(t, { file, env: { MODE: 'throws' } });
  assert.deepEqual(await service.exited, { code: 1, signal: null });
  assert.match(service.output(), /nobody caught this[^]*"closed"/);
});

test('a service that does not close ends with its grace, with exit code 1', async (t) => {
  const service = await startProcess(t, { file, env: { MODE: 'hangs' } });
  assert.deepEqual(await service.kill(), { code: 1, signal: null });
  assert.match(service.output(), /not closed within 200 ms/);
});

test('a service does not outlive the supervisor that it talks to', async (t) => {
  const service = await startProcess(t, { file });
  service.disconnect();
  assert.deepEqual(await service.exited, { code: 0, signal: null });
  assert.match(service.output(), /supervisor-gone/);
});
