import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { LaneLimits } from '@crosscheck/contracts';
import { makeRoom } from '../src/room.ts';

const laneOf = (limits: Partial<LaneLimits>) => ({
  id: 'mock/m',
  limits: {
    requestsPerMinute: null,
    inputTokensPerMinute: null,
    outputTokensPerMinute: null,
    maxInFlight: null,
    ...limits,
  },
});

/** A clock of the test's own, and the room by it. */
function makeTestRoom() {
  let nowMs = 1_000_000;
  const room = makeRoom({ clock: { nowMs: () => nowMs } });
  return { room, advance: (ms: number) => (nowMs += ms) };
}

suite('the room of a lane', () => {
  test('no more than a second and a half of the configured rate waits', () => {
    const { room } = makeTestRoom();
    assert.equal(room.of(laneOf({ requestsPerMinute: 1_000 }), { queued: 0, started: 0 }), 25);
    assert.equal(room.of(laneOf({ requestsPerMinute: 1_000 }), { queued: 20, started: 0 }), 5);
  });

  test('calls under way take no room: slow answers get as many of them as the rate asks for', () => {
    const { room } = makeTestRoom();
    const lane = laneOf({ requestsPerMinute: 4_000 });
    assert.equal(room.of(lane, { queued: 333, started: 333 }), 100);
    assert.equal(room.of(lane, { queued: 433, started: 333 }), 0);
  });

  test('a count of started trials that is older than the backlog gives no more than an empty lane', () => {
    const { room } = makeTestRoom();
    assert.equal(room.of(laneOf({ requestsPerMinute: 1_000 }), { queued: 3, started: 30 }), 25);
  });

  test('a lane without a rate is held to the pace at which its trials leave', () => {
    const { room, advance } = makeTestRoom();
    const lane = laneOf({ maxInFlight: 500 });
    room.took(lane.id, room.of(lane, { queued: 0, started: 0 }));
    for (let second = 0; second < 10; second += 1) {
      advance(1_000);
      room.took(lane.id, 20);
      assert.ok(room.of(lane, { queued: 200, started: 0 }) === 0, 'twenty leave each second');
    }
    const places = room.of(lane, { queued: 0, started: 0 });
    assert.ok(places >= 30 && places <= 200, `${places}`);
  });

  test('at the start, before any trial has left, some hundreds go out at most', () => {
    const { room } = makeTestRoom();
    assert.equal(room.of(laneOf({}), { queued: 0, started: 0 }), 200);
    assert.equal(room.of(laneOf({ maxInFlight: 8 }), { queued: 0, started: 0 }), 108);
  });
});
