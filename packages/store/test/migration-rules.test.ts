import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { readMigrations } from '../src/migration-files.ts';
import { findBreaches, type RuleName } from './migration-rules.ts';

/** Migrations of before the first release, when no version was running anywhere: what they broke broke nobody. */
const BEFORE_THE_RULES: Record<number, RuleName[]> = {
  4: ['indexes a big table while its writers wait'],
  5: ['indexes a big table while its writers wait', 'rewrites a table'],
  11: ['reads or writes a whole big table'],
  13: ['indexes a big table while its writers wait'],
  16: ['indexes a big table while its writers wait'],
};

const CASES: [sql: string, rules: RuleName[]][] = [
  ['alter table trial drop column lane_id;', ['drops what the version before uses']],
  ['drop table team_spend;', ['drops what the version before uses']],
  ['-- contract: nothing reads it since 0.3\ndrop table team_spend;', []],
  ['alter table team rename column weight to share;', ['renames']],
  ['alter table team add column owner text not null;', ['demands what the version before does not write']],
  ["alter table team add column owner text not null default '';", []],
  ['alter table team add column owner text;', []],
  ['alter table team alter column name set not null;', ['demands what the version before does not write']],
  ['-- contract: no\nalter table team alter weight drop default;', ['demands what the version before does not write']],
  ["alter table trial add constraint known check (state <> '');", ['narrows what the version before writes']],
  ['alter table team add column n integer check (n > 0);', []],
  ['alter table attempt alter column latency_ms type bigint;', ['rewrites a table']],
  ['alter table trial add column u uuid default gen_random_uuid();', ['rewrites a table']],
  ['alter table response add column h integer generated always as (hashtext(text)) stored;', ['rewrites a table']],
  ['update trial set epoch = 0;', ['reads or writes a whole big table']],
  ['update team set weight = 1;', []],
  ['insert into s select sweep_id from trial;', ['reads or writes a whole big table']],
  ['create index attempt_by_code on attempt (code);', ['indexes a big table while its writers wait']],
  ["-- reason: partial, and no row fits yet\ncreate index a on attempt (code) where code = 'new';", []],
  ['create table trial (id int);\ncreate index trial_by_id on trial (id);\nupdate trial set id = 1;', []],
  ['create index team_by_name on team (name);', []],
  ["set lock_timeout = '0';", ['waits for a lock as long as it takes']],
  ['lock table trial;', ['waits for a lock as long as it takes']],
  ['-- alter table trial drop column a;\nselect 1;', []],
  ['create function f() returns void language sql as $$ update trial set epoch = 0; $$;', []],
  ['-- Outside of a transaction: x\ncreate index concurrently a on attempt (code);', ['cannot be run again']],
  ['-- Outside of a transaction: x\ncreate index concurrently if not exists a on attempt (code);', []],
];

suite('the migrations', () => {
  test('do nothing that stops the version before, which still runs', async () => {
    for (const { number, name, sql } of await readMigrations()) {
      const known = new Set(BEFORE_THE_RULES[number]);
      const breaches = findBreaches(sql).filter(({ rule }) => !known.has(rule));
      assert.deepEqual(breaches, [], `${number} (${name}): see "Upgrades" in docs/operations.md`);
    }
  });

  test('of before the rules are no excuse for others', async () => {
    const migrations = await readMigrations();
    for (const [number, rules] of Object.entries(BEFORE_THE_RULES)) {
      const broken = new Set(findBreaches(migrations[Number(number) - 1]?.sql ?? '').map(({ rule }) => rule));
      assert.deepEqual([...broken].toSorted(), rules.toSorted(), `migration ${number}`);
    }
  });

  for (const [sql, rules] of CASES)
    test(`${JSON.stringify(sql)} ${rules.length === 0 ? 'is allowed' : rules.join(', ')}`, () => {
      assert.deepEqual(
        findBreaches(sql).map(({ rule }) => rule),
        rules,
      );
    });
});
