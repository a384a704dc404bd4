import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { makeMetrics } from '@crosscheck/runtime';
import { makeSnapshotGauges } from '../src/http/snapshot-gauges.ts';

suite('gauges over one reading', () => {
  /** A gauge of what `read` answers. */
  function open(read: () => Promise<number>) {
    const metrics = makeMetrics({ service: 'test' });
    const gauge = makeSnapshotGauges(metrics, { read, maxAgeMs: 0, waitMsMax: 50 });
    gauge({ name: 'answer', help: 'what was read' }, (answer, set) => set({}, answer));
    gauge({ name: 'by_lane', help: 'the same', labelNames: ['lane'] }, (answer, set) => set({ lane: 'a' }, answer));
    const scrape = async () => {
      const text = await metrics.text();
      return ['house_readable', 'answer', 'by_lane'].map(
        (name) => new RegExp(`^crosscheck_${name}\\S* (\\S+)$`, 'm').exec(text)?.[1],
      );
    };
    return { scrape };
  }

  test('a scrape does not wait for what does not answer, asks it once, and has its numbers when it answers again', async () => {
    const hanging = Promise.withResolvers<number>();
    let asked = 0;
    const { scrape } = open(() => (asked++ === 0 ? hanging.promise : Promise.resolve(7)));
    assert.deepEqual(await scrape(), ['0', undefined, undefined]);
    assert.deepEqual(await scrape(), ['0', undefined, undefined]);
    assert.equal(asked, 1);
    hanging.reject(new Error('gone'));
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(await scrape(), ['1', '7', '7']);
  });
});
