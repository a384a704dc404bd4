import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { suite, test } from 'node:test';
import { until } from '../../../test/support/until.ts';
import { makeUploadPlaces } from '../src/http/upload-places.ts';
import { openApi } from './support/api.ts';

suite('uploads at a time', () => {
  test('are three of a team and six in all, and a place is free again however its upload ended', async () => {
    const places = makeUploadPlaces();
    const open: PromiseWithResolvers<void>[] = [];
    const begin = (team: string) => {
      const one = Promise.withResolvers<void>();
      open.push(one);
      return places.run(team, () => one.promise);
    };
    const refused = (team: string) => places.run(team, async () => {});
    const running = ['a', 'a', 'a', 'b', 'b'].map(begin);
    await assert.rejects(refused('a'), { code: 'RATE_LIMITED', message: /the team has 3 uploads/ });
    running.push(begin('c'));
    await assert.rejects(refused('d'), { code: 'RATE_LIMITED', message: /this server has 6 uploads/ });
    const failure = new Error('the client went away');
    open[0]?.reject(failure);
    await assert.rejects(running[0] as Promise<void>, failure);
    await refused('a');
    await refused('d');
    for (const one of open.slice(1)) one.resolve();
    await Promise.all(running.slice(1));
  });

  test('that do not go on keep nobody from the rest, and who comes too many is told when to try again', async (t) => {
    const { app, team } = await openApi(t);
    const [red, blue] = [await team('red'), await team('blue')];
    const prompt = `${JSON.stringify({ id: 'p', text: 'a question' })}\n`;
    const stalled = Array.from({ length: 3 }, () => {
      const payload = new PassThrough();
      payload.write(prompt);
      const headers = { authorization: `Bearer ${red.key}`, 'content-type': 'application/x-ndjson' };
      const answer = app.inject({ method: 'POST', url: '/v1/datasets?name=slow', headers, payload });
      return { payload, answer };
    });
    const upload = () => red.upload('/v1/datasets?name=quick', prompt);
    await until('all places of the team are taken', async () => (await upload()).statusCode === 429);
    const late = await upload();
    assert.deepEqual([late.json<{ code: string }>().code, late.headers['retry-after']], ['RATE_LIMITED', '10']);
    assert.equal((await red.upload('/v1/imports', '')).statusCode, 429);
    assert.equal((await blue.upload('/v1/datasets?name=quick', prompt)).statusCode, 201);
    assert.equal((await red.get('/v1/datasets')).statusCode, 200);
    for (const { payload } of stalled) payload.end();
    for (const { answer } of stalled) assert.equal((await answer).statusCode, 201);
    assert.equal((await upload()).statusCode, 201);
  });
});
