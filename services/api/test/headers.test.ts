import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { systemClock } from '@crosscheck/contracts';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { openApi } from './support/api.ts';
import { listRoutes } from './support/routes.ts';

const REQUIRED = {
  'x-content-type-options': /^nosniff$/,
  'content-security-policy': /frame-ancestors 'none'/,
  'referrer-policy': /no-referrer/,
  'x-frame-options': /./,
  'cross-origin-opener-policy': /same-origin/,
  'cross-origin-resource-policy': /same-origin/,
};

function missingHeaders({ headers }: LightMyRequestResponse): string[] {
  return Object.entries(REQUIRED)
    .filter(([name, wanted]) => !wanted.test(String(headers[name] ?? '')))
    .map(([name]) => name);
}

suite('headers of every answer', () => {
  test('security headers stand on every route, with and without a key, and on every kind of error', async (t) => {
    const { app, team } = await openApi(t);
    const { key } = await team('red');
    const asks: (InjectOptions & { url: string })[] = (await listRoutes(app)).flatMap((route) => {
      const [method, path = ''] = route.split(' ');
      const url = path.replace('{provider}/{model}', 'mock/m').replace('{id}', '0198c000-0000-7000-8000-000000000000');
      const ask = { method: method as 'GET', url };
      return [ask, { ...ask, headers: { authorization: `Bearer ${key}` } }];
    });
    asks.push(
      { url: '/v1/nothing' },
      { method: 'DELETE', url: '/v1/sweeps' },
      { url: '/%zz' },
      { url: '/v1/sweeps', headers: { authorization: 'Bearer xck_wrong' } },
      {
        method: 'POST',
        url: '/v1/sweeps',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'a/b' },
        payload: 'x',
      },
      {
        method: 'POST',
        url: '/v1/sweeps',
        headers: { authorization: `Bearer ${key}` },
        payload: { text: 'x'.repeat(9_000_000) },
      },
      { url: '/' },
      { url: '/openapi.json' },
      { url: '/docs/errors' },
    );
    const lacking: string[] = [];
    for (const ask of asks) {
      const answer = await app.inject(ask);
      const missing = missingHeaders(answer);
      if (missing.length > 0)
        lacking.push(`${ask.method ?? 'GET'} ${JSON.stringify(ask.url)} ${answer.statusCode}: ${missing.join(', ')}`);
    }
    assert.deepEqual(lacking, []);
  });

  test('no other origin gets in by default; a named one may call with a key, and only that one', async (t) => {
    const preflight: InjectOptions = {
      method: 'OPTIONS',
      url: '/v1/sweeps',
      headers: { origin: 'https://lab.example', 'access-control-request-method': 'POST' },
    };
    const closed = await openApi(t);
    for (const ask of [preflight, { url: '/healthz', headers: { origin: 'https://lab.example' } }])
      assert.equal((await closed.app.inject(ask)).headers['access-control-allow-origin'], undefined);

    const opened = await openApi(t, { corsOrigins: ['https://lab.example'] });
    const answer = await opened.app.inject(preflight);
    assert.deepEqual(
      [
        answer.statusCode,
        answer.headers['access-control-allow-origin'],
        answer.headers['access-control-allow-credentials'],
      ],
      [204, 'https://lab.example', undefined],
    );
    const other = await opened.app.inject({ url: '/healthz', headers: { origin: 'https://evil.example' } });
    assert.equal(other.headers['access-control-allow-origin'], undefined);
  });

  test('an address is taken from a proxy only where that proxy is named', async (t) => {
    const forwarded = { 'x-forwarded-for': '203.0.113.9' };
    const addressWith = async (trustedProxies: string[]) => {
      const { team } = await openApi(t, { trustedProxies, clock: systemClock });
      const red = await team('red');
      await red.post('/v1/dead-letters/replay', { dryRun: true }, forwarded);
      return (await red.get('/v1/audit')).json<{ items: { address: string }[] }>().items[0]?.address;
    };
    assert.deepEqual([await addressWith([]), await addressWith(['127.0.0.1'])], ['127.0.0.1', '203.0.113.9']);
  });
});
