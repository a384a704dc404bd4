import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { makeClient, ProblemError, UnexpectedAnswerError, UnreachableError } from '../src/index.ts';
import { openWireServer, sendJson, sendProblem } from './support/wire-server.ts';

const SPEC = { name: 'x', models: ['sim/no-effect'] };

suite('the client', () => {
  test('a refusal carries the whole problem document', async (t) => {
    const { url } = await openWireServer(t, (_, response) =>
      sendProblem(response, 422, 'MODEL_UNKNOWN', { field: 'models[0]', got: 'opus', expected: 'provider/model' }),
    );
    await assert.rejects(makeClient({ url, key: 'k' }).sweeps.quote(SPEC), (error) => {
      assert.ok(error instanceof ProblemError);
      assert.deepEqual([error.code, error.status, error.message], ['MODEL_UNKNOWN', 422, 'MODEL_UNKNOWN happened']);
      assert.deepEqual([error.problem.field, error.problem.got], ['models[0]', 'opus']);
      return true;
    });
  });

  test('something that does not speak our API is told apart from a refusal', async (t) => {
    const { url } = await openWireServer(t, (_, response) =>
      response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>not here</h1>'),
    );
    await assert.rejects(makeClient({ url, key: 'k' }).sweeps.get('s'), (error) => {
      assert.ok(error instanceof UnexpectedAnswerError);
      assert.match(error.message, /answered 404 with text\/html: is this a Crosscheck server/);
      return true;
    });
  });

  test('a server that is not there is named, with the reason', async () => {
    const client = makeClient({ url: 'http://127.0.0.1:1', key: 'k', repeatsMax: 0 });
    await assert.rejects(client.sweeps.get('s'), (error) => {
      assert.ok(error instanceof UnreachableError);
      assert.match(error.message, /^no answer from http:\/\/127\.0\.0\.1:1: /);
      return true;
    });
  });

  test('a submission whose answer was lost is repeated under the same key', async (t) => {
    const { url, seen } = await openWireServer(t, (request, response) => {
      if (seen.length === 1) request.socket.destroy();
      else sendJson(response, 202, { id: 's1', trials: 4 });
    });
    const accepted = await makeClient({ url, key: 'k' }).sweeps.submit(SPEC, { idempotencyKey: 'once' });
    assert.equal(accepted.id, 's1');
    assert.deepEqual(
      seen.map(({ headers }) => headers['idempotency-key']),
      ['once', 'once'],
    );
  });

  test('an act without a key is never repeated', async (t) => {
    const { url, seen } = await openWireServer(t, (_, response) => sendProblem(response, 503, 'STORE_UNREACHABLE'));
    await assert.rejects(makeClient({ url, key: 'k' }).sweeps.cancel('s'), ProblemError);
    assert.equal(seen.length, 1);
  });

  test('a server that asks for long patience is told to the caller at once', async (t) => {
    const { url, seen } = await openWireServer(t, (_, response) => {
      response.setHeader('retry-after', '3600');
      sendProblem(response, 429, 'RATE_LIMITED');
    });
    await assert.rejects(makeClient({ url, key: 'k' }).sweeps.get('s'), { retryAfterMs: 3_600_000 });
    assert.equal(seen.length, 1);
  });

  test('trials come page after page, with the filter on each', async (t) => {
    const { url, seen } = await openWireServer(t, (request, response) => {
      const after = new URL(request.url ?? '', 'http://x').searchParams.get('after');
      sendJson(
        response,
        200,
        after === null ? { items: [{ id: '1' }, { id: '2' }], next: 'c' } : { items: [{ id: '3' }], next: null },
      );
    });
    const trials = await Array.fromAsync(makeClient({ url, key: 'k' }).sweeps.trials('s', { outcome: 'complied' }));
    assert.deepEqual(
      trials.map(({ id }) => id),
      ['1', '2', '3'],
    );
    assert.deepEqual(
      seen.map(({ url: path }) => path),
      ['/v1/sweeps/s/trials?outcome=complied&limit=200', '/v1/sweeps/s/trials?outcome=complied&after=c&limit=200'],
    );
  });

  test('a dataset goes up as one JSON document a line', async (t) => {
    let sent = '';
    const { url, seen } = await openWireServer(t, (_, response, body) => {
      sent = body;
      sendJson(response, 201, { id: 'd1' });
    });
    await makeClient({ url, key: 'k' }).datasets.upload('mine & yours', [
      { id: 'a', text: 'x\ny' },
      { id: 'b', text: 'z' },
    ]);
    assert.equal(sent, '{"id":"a","text":"x\\ny"}\n{"id":"b","text":"z"}\n');
    assert.equal(seen[0]?.url, '/v1/datasets?name=mine+%26+yours');
    assert.equal(seen[0]?.headers['content-type'], 'application/x-ndjson');
  });

  test('an upload that fails at its source says so, not that the connection was lost', async (t) => {
    const { url } = await openWireServer(t, () => {});
    async function* broken() {
      yield { id: 'a', text: 'x' };
      throw new RangeError('row 2 is no prompt');
    }
    await assert.rejects(
      makeClient({ url, key: 'k' }).datasets.upload('d', broken()),
      new RangeError('row 2 is no prompt'),
    );
  });

  test('a lane is named by provider and model, also when the model has slashes of its own', async (t) => {
    const { url, seen } = await openWireServer(t, (_, response) => sendJson(response, 200, {}));
    await makeClient({ url, key: 'k' }).lanes.pause('vllm/meta-llama/Llama-3.3-70B');
    assert.equal(seen[0]?.url, '/v1/lanes/vllm/meta-llama%2FLlama-3.3-70B/pause');
  });
});
