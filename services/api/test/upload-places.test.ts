import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
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
    const uploads = makeUploadPlaces();
    const { team } = await openApi(t, { uploads });
    const [red, blue] = [await team('red'), await team('blue')];
    const stalled = Promise.withResolvers<void>();
    const running = Array.from({ length: 3 }, () => uploads.run(red.id, () => stalled.promise));
    const prompt = `${JSON.stringify({ id: 'p', text: 'a question' })}\n`;
    const late = await red.upload('/v1/datasets?name=quick', prompt);
    assert.deepEqual(
      [late.statusCode, late.json<{ code: string }>().code, late.headers['retry-after']],
      [429, 'RATE_LIMITED', '10'],
    );
    assert.equal((await red.upload('/v1/imports', prompt)).statusCode, 429);
    assert.equal((await blue.upload('/v1/datasets?name=quick', prompt)).statusCode, 201);
    assert.equal((await red.get('/v1/datasets')).statusCode, 200);
    stalled.resolve();
    await Promise.all(running);
    assert.equal((await red.upload('/v1/datasets?name=quick', prompt)).statusCode, 201);
  });
});
