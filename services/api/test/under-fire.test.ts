import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { lay } from './fire/ground.ts';
import { makeJudge } from './fire/judge.ts';
import { type Operation, readReference } from './fire/reference.ts';
import { meantRequestsTo, requestsTo, type Shot } from './fire/requests.ts';
import { shoot } from './fire/shoot.ts';
import { openApi } from './support/api.ts';

/** Requests to each route; more by `CROSSCHECK_FIRE_RUNS`, without a limit of time. `CROSSCHECK_FIRE_SEED` sends the same again. */
const WANTED = process.env['CROSSCHECK_FIRE_RUNS'];
const RUNS = Number(WANTED ?? 100);
const SEED = Number(process.env['CROSSCHECK_FIRE_SEED'] ?? Date.now() % 2 ** 31);
const ROUTES_AT_ONCE = 4;
/** A machine that is busy sends fewer. */
const ROUTE_MS_MAX = WANTED === undefined ? 1_500 : 3_600_000;
/** With fewer it may be chance that a route was never asked well. */
const TELLING_MIN = 100;
/** of a request that is meant as it stands, until one is answered so */
const TRIES = 200;
const ANSWER_TIMEOUT_MS = 20_000;
const TEST_TIMEOUT_MS = WANTED === undefined ? 240_000 : 3_600_000;

const options = { concurrency: ROUTES_AT_ONCE, timeout: TEST_TIMEOUT_MS };

test('whatever is sent, each route answers as the reference says and refuses with a problem', options, async (t) => {
  const api = await openApi(t);
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  t.after(() => agent.destroy());
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = api.app.server.address() as AddressInfo;
  const ground = await lay(api);
  // What ends sweeps and keys comes last: the others need some.
  const operations = (await readReference(api.app)).toSorted((a, b) => Number(isEnding(a)) - Number(isEnding(b)));
  const seen = new Map(operations.map(({ route }) => [route, [] as number[]]));

  // One after the other and as they are meant, before anything has changed what they need.
  for (const operation of operations.filter((one) => !isEnding(one))) {
    for (const shot of fc.sample(meantRequestsTo(operation, ground), { numRuns: TRIES, seed: SEED })) {
      const { status } = await shoot({ port, agent, timeoutMs: ANSWER_TIMEOUT_MS }, shot);
      seen.get(operation.route)?.push(status);
      if (isMeant(operation, status)) break;
    }
  }

  await Promise.all(
    operations.map((operation) =>
      t.test(operation.route, { timeout: TEST_TIMEOUT_MS }, async () => {
        const judge = makeJudge(operation);
        await fc.assert(
          fc.asyncProperty(requestsTo(operation, ground).map(named), async (shot) => {
            const answer = await shoot({ port, agent, timeoutMs: ANSWER_TIMEOUT_MS }, shot);
            seen.get(operation.route)?.push(answer.status);
            assert.deepEqual(judge(shot.method, answer), [], answer.body.toString().slice(0, 500));
          }),
          { numRuns: RUNS, seed: SEED, interruptAfterTimeLimit: ROUTE_MS_MAX },
        );
      }),
    ),
  );

  const statuses = [...seen.values()].flat();
  const counts = Object.entries(Object.groupBy(statuses, String)).map(([status, all]) => `${status}: ${all?.length}`);
  t.diagnostic(`seed ${SEED}, ${statuses.length} requests to ${operations.length} routes; ${counts.join(', ')}`);
  // Requests that are all refused at the door would show nothing.
  const never = operations
    .map((operation) => ({ operation, all: seen.get(operation.route) ?? [] }))
    .filter(({ operation, all }) => all.length >= TELLING_MIN && !all.some((status) => isMeant(operation, status)))
    .map(({ operation, all }) => [operation.route, [...new Set(all)]]);
  assert.deepEqual(never, [], 'routes that never did what they are for');
});

suite('the judge of answers', () => {
  const schema = { type: 'object', required: ['id'], properties: { id: { type: 'string' } } };
  const operation: Operation = {
    route: 'GET /x',
    method: 'GET',
    path: '/x',
    methods: ['GET'],
    parameters: [],
    body: null,
    responses: {
      200: { content: { 'application/json': { schema } } },
      204: {},
      '4XX': { content: { 'application/problem+json': { schema: {} } } },
    },
  };
  const judge = makeJudge(operation);
  const faultsOf = (
    status: number,
    body: unknown,
    type = status < 400 ? 'application/json' : 'application/problem+json',
  ) =>
    judge('GET', {
      status,
      headers: { 'content-type': type, 'x-request-id': 'r' },
      body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    });
  const problem = { code: 'SWEEP_UNKNOWN', status: 404, title: 'There is no such sweep' };

  test('finds nothing wrong with what the reference says', () => {
    assert.deepEqual([faultsOf(200, { id: 'a' }), faultsOf(204, ''), faultsOf(404, problem)], [[], [], []]);
  });

  test('names what the reference does not say: a status, a type, a field, a code, a failure of ours', () => {
    const wrong = [
      faultsOf(201, { id: 'a' }),
      faultsOf(200, '<p>', 'text/html'),
      faultsOf(200, { id: 1 }),
      faultsOf(200, { id: 'a', secret: 'b' }),
      faultsOf(204, 'something'),
      faultsOf(404, { ...problem, code: 'NOBODY_KNOWS' }),
      faultsOf(400, problem),
      faultsOf(404, '<h1>Not found</h1>', 'text/html'),
      faultsOf(500, { code: 'INTERNAL', status: 500, title: 'Crosscheck made a mistake' }),
    ];
    assert.deepEqual(
      wrong.map(({ length }) => length > 0),
      wrong.map(() => true),
      JSON.stringify(wrong),
    );
  });
});

const isMeant = ({ responses }: Operation, status: number): boolean => String(status) in responses;
const isEnding = ({ route }: Operation): boolean => /^DELETE|cancel$|dead-letters\/replay$/.test(route);

/** Printed in short: a body may be long. */
function named(shot: Shot): Shot {
  const { method, url, headers, body } = shot;
  const [head, text] = [JSON.stringify(headers).slice(0, 400), JSON.stringify(body?.toString().slice(0, 1_500))];
  return Object.defineProperty(shot, fc.toStringMethod, {
    value: () => `${method} ${url.slice(0, 300)} ${head} ${text}`,
  });
}
