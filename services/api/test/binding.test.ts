import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { LaneBudgetState } from '@crosscheck/contracts';
import { bindingOf } from '../src/status/binding.ts';

const LANE = {
  id: 'mock/m',
  limits: { requestsPerMinute: 600, inputTokensPerMinute: 9_000, outputTokensPerMinute: 9_000, maxInFlight: 8 },
};
const stateOf = (changes: Partial<LaneBudgetState>): LaneBudgetState => ({
  laneId: LANE.id,
  inFlight: 0,
  inFlightMax: 8,
  requestsPerMinute: 600,
  waitMs: { requests: 0, inputTokens: 0, outputTokens: 0 },
  hold: null,
  ...changes,
});

suite('what binds a lane', () => {
  test('nothing while calls are merely spaced', () => {
    const waitMs = { requests: 100, inputTokens: 0, outputTokens: 200 };
    assert.equal(bindingOf(LANE, stateOf({ waitMs }), 0), null);
  });

  test('the resource that makes the next call wait longest, with what would help against it', () => {
    const waitMs = { requests: 300, inputTokens: 2_000, outputTokens: 400 };
    const binding = bindingOf(LANE, stateOf({ waitMs }), 0);
    assert.deepEqual([binding?.reason, binding?.opensInMs], ['input_tokens', 2_000]);
    assert.match(binding?.wouldHelp ?? '', /inputTokensPerMinute.*share/);
  });

  test('a rate below the configured one is the provider’s: configuring more would not help', () => {
    const waitMs = { requests: 900, inputTokens: 0, outputTokens: 0 };
    const [free, cut] = [600, 290].map((requestsPerMinute) =>
      bindingOf(LANE, stateOf({ waitMs, requestsPerMinute }), 0),
    );
    assert.match(free?.wouldHelp ?? '', /more requestsPerMinute/);
    assert.match(cut?.wouldHelp ?? '', /a higher limit at the provider.*290 a minute.*600/);
  });

  test('calls in flight, by the limit that was set or by an overloaded server', () => {
    assert.match(bindingOf(LANE, stateOf({ inFlight: 8 }), 0)?.wouldHelp ?? '', /larger maxInFlight/);
    assert.match(bindingOf(LANE, stateOf({ inFlight: 5, inFlightMax: 5 }), 0)?.wouldHelp ?? '', /less loaded/);
  });

  test('a hold comes before all else', () => {
    const binding = bindingOf(LANE, stateOf({ inFlight: 8, hold: { untilMs: 61_000, reason: 'a 429' } }), 1_000);
    assert.deepEqual([binding?.reason, binding?.opensInMs], ['hold', 60_000]);
  });
});
