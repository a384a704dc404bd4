import { deepEqual } from 'node:assert/strict';
import type { LightMyRequestResponse } from 'fastify';
import type { Pool } from '@crosscheck/store';
import { goodSweep, type TestTeam } from './api.ts';
import { plan, settle } from './settle.ts';

/** What a team has: one of everything that an id can name. */
export type Things = {
  sweep: string;
  otherSweep: string;
  trial: string;
  dataset: string;
  datasetName: string;
  label: string;
  reviewItem: string;
  key: string;
  team: string;
};

/** Gives a team one of everything, with `text` in what it asks and is answered. */
export async function populate(pool: Pool, team: TestTeam, text: string): Promise<Things> {
  const datasetName = `set of ${team.id}`;
  const dataset = idOf(await team.upload(`/v1/datasets?name=${encodeURIComponent(datasetName)}`, promptsOf(text)), 201);
  const [sweep, otherSweep] = [await addSweep(pool, team, text), await addSweep(pool, team, text)];
  const { items } = ok(await team.get(`/v1/sweeps/${sweep}/trials?state=settled`), 200).json<{
    items: { id: string }[];
  }>();
  const trial = items[0]?.id ?? '';
  const labels = await team.post(`/v1/sweeps/${sweep}/labels`, [
    { trial, measure: 'compliance', label: 'complied', labeller: 'ann', note: text },
  ]);
  const review = await team.get(`/v1/sweeps/${sweep}/review?measure=compliance&n=2`);
  const key = await pool.query<{ id: string }>('select id from api_key where team_id = $1', [team.id]);
  return {
    sweep,
    otherSweep,
    trial,
    dataset,
    datasetName,
    label: ok(labels, 201).json<{ ids: string[] }>().ids[0] ?? '',
    reviewItem: ok(review, 200).json<{ items: { id: string }[] }>().items[0]?.id ?? '',
    key: key.rows[0]?.id ?? '',
    team: team.id,
  };
}

/** Some trials answered, one failed for good, the rest planned. */
async function addSweep(pool: Pool, team: TestTeam, text: string): Promise<string> {
  const prompts = promptsOf(text)
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  const id = idOf(await team.post('/v1/sweeps', goodSweep({ name: `sweep of ${team.id}`, dataset: { prompts } })), 202);
  await plan(pool, id);
  await settle(pool, { sweepId: id, limit: 4, text });
  await pool.query(
    `update trial set state = 'settled', outcome = 'infra_failed', settled_at = now()
     where id = (select max(id) from trial where sweep_id = $1)`,
    [id],
  );
  return id;
}

const promptsOf = (text: string): string =>
  ['a', 'b'].map((id) => JSON.stringify({ id, text: `${text} ${id}` })).join('\n');

const idOf = (answer: LightMyRequestResponse, status: number): string => ok(answer, status).json<{ id: string }>().id;

function ok(answer: LightMyRequestResponse, status: number): LightMyRequestResponse {
  deepEqual([answer.statusCode, answer.statusCode === status ? '' : answer.body], [status, '']);
  return answer;
}
