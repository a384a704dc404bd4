import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { makeSlots } from '../src/slots.ts';

const NONE = { requestsPerMinute: null, inputTokensPerMinute: null, outputTokensPerMinute: null, maxInFlight: null };
const lane = (limits: Partial<typeof NONE | Record<string, number>>) => ({ id: 'l', limits: { ...NONE, ...limits } });

suite('the slots of a lane', () => {
  test('follow rate × time once calls were seen, with room for slow ones', () => {
    const slots = makeSlots();
    for (let call = 0; call < 200; call += 1) slots.observe('l', { slotMs: 5_000, callMs: 5_000 });
    assert.equal(slots.of(lane({ requestsPerMinute: 4_000 }), 1), Math.ceil((4_000 / 60) * 5 * 1.3) + 1);
  });

  test('are divided between the workers that live', () => {
    const slots = makeSlots();
    assert.ok(slots.of(lane({ maxInFlight: 64 }), 4) * 4 >= 64);
    assert.ok(slots.of(lane({ maxInFlight: 64 }), 4) <= 22);
  });

  test('are more than the calls in flight where trials are graded in their slot', () => {
    const slots = makeSlots();
    for (let call = 0; call < 200; call += 1) slots.observe('l', { slotMs: 600, callMs: 200 });
    assert.ok(slots.of(lane({ maxInFlight: 64 }), 1) >= 192);
  });

  test('stay within their bounds for any lane', () => {
    const slots = makeSlots();
    assert.equal(slots.of(lane({ requestsPerMinute: 1 }), 8), 4);
    assert.equal(slots.of(lane({ requestsPerMinute: 1e6 }), 1), 512);
    assert.equal(slots.of(lane({}), 1), 64);
    assert.equal(slots.of(lane({ outputTokensPerMinute: 400_000 }), 1), 256);
  });
});
