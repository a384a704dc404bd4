import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { FAULT_KINDS, kindsFor } from '../../tools/chaos/fault-kinds.ts';
import { readOptions } from '../../tools/chaos/options.ts';
import { planFaults } from '../../tools/chaos/schedule.ts';
import { makeTally } from '../../tools/chaos/tally.ts';

const namesOf = (seed: number, count = 200) => planFaults({ seed, count, mode: 'redis' }).map(({ kind }) => kind.name);

suite('the schedule of faults', () => {
  test('follows from its seed alone', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const plan = () => planFaults({ seed, count: 60, mode: 'redis' });
        assert.deepEqual(plan(), plan());
      }),
    );
    assert.notDeepEqual(namesOf(1), namesOf(2));
  });

  test('deals every kind as often as any other', () => {
    const kinds = kindsFor('redis');
    const times = Map.groupBy(namesOf(3, kinds.length * 4), (name) => name);
    assert.equal(times.size, FAULT_KINDS.length);
    assert.ok([...times.values()].every((each) => each.length === 4));
  });

  test('has no fault of Redis where there is none', () => {
    assert.ok(planFaults({ seed: 1, count: 200, mode: 'postgres' }).every(({ kind }) => kind.place !== 'redis'));
  });

  test('has at least 200 faults unless told otherwise, and refuses what it does not know by name', () => {
    assert.ok(readOptions({}).faults >= 200);
    assert.throws(() => readOptions({ only: ['redis klil'] }), /expected one of .*redis kill/);
    assert.throws(() => readOptions({ faults: 'many' }), /--faults is "many"/);
  });
});

suite('the table', () => {
  test('shows which invariant broke after which fault, and tells each violation once', () => {
    const tally = makeTally();
    tally.injected('redis kill');
    tally.injected('kill api');
    tally.add(['kill api'], new Map([['one outcome', []]]));
    tally.add(['kill api', 'redis kill'], new Map([['one outcome', ['a trial is lost']]]));
    tally.add(['kill api'], new Map([['one outcome', ['a trial is lost']]]));
    const [header = [], first = [], second = []] = tally.table(['kill api', 'redis kill', 'kill worker']);
    assert.deepEqual(
      [header[2], first.slice(0, 3), second.slice(0, 3)],
      ['one outcome', ['kill api', '1', '2 of 3 BROKEN'], ['redis kill', '1', '1 of 1 BROKEN']],
    );
    assert.equal(tally.violations().length, 1);
    assert.equal(tally.total(), 2);
  });
});
