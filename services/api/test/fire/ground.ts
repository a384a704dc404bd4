import { createApiKey, newSecret, type Pool, type Scope } from '@crosscheck/store';
import { goodSweep, type TestApi, type TestTeam } from '../support/api.ts';
import { populate, type Things } from '../support/populated.ts';

/** What the requests can name, and the keys that they can bear. */
export type Ground = {
  /** of everything that an id can name two teams have some */
  things: Things[];
  /** teams that no key of the requests belongs to, and keys that none bears: what is done to them locks nobody out */
  spareTeams: string[];
  spareKeys: string[];
  /** by what they open; `none` sends no key */
  keys: Record<'all' | 'other' | 'reader' | 'expired' | 'revoked' | 'wrong', string>;
};

/** Two teams with one of everything, twice, and some teams and keys to spare. */
export async function lay({ pool, team }: TestApi): Promise<Ground> {
  const [red, blue] = [await team('red'), await team('blue', ['read', 'submit'])];
  const things = [
    await populate(pool, red, 'what red asked'),
    await populate(pool, red, '=red\u202e <b>'),
    await populate(pool, blue, 'what blue asked'),
  ];
  // What is answered with 429 shows nothing else of a route; the key of the other team is held back as usual.
  await pool.query('update team set quota_requests_per_second = null where id = $1', [red.id]);
  await pool.query(`update sweep set state = 'completed', finished_at = now() where id = $1`, [things[1]?.otherSweep]);
  const spares = [await team('spare one'), await team('spare two')];
  const spareKeys = await Promise.all(
    Array.from({ length: 20 }, async () => (await addKey(pool, spares[0] as TestTeam, ['read'])).id),
  );
  const [reader, expired, revoked] = [
    await addKey(pool, red, ['read']),
    await addKey(pool, red, ['read'], "expires_at = now() - interval '1 hour'"),
    await addKey(pool, red, ['read'], 'revoked_at = now()'),
  ];
  return {
    things,
    spareTeams: spares.map(({ id }) => id),
    spareKeys,
    keys: {
      all: red.key,
      other: blue.key,
      reader: reader.secret,
      expired: expired.secret,
      revoked: revoked.secret,
      wrong: newSecret(),
    },
  };
}

async function addKey(
  pool: Pool,
  team: TestTeam,
  scopes: Scope[],
  change?: string,
): Promise<{ id: string; secret: string }> {
  const secret = newSecret();
  const { id } = await createApiKey(pool, { teamId: team.id, name: 'made for this', scopes, secret });
  if (change !== undefined) await pool.query(`update api_key set ${change} where id = $1`, [id]);
  return { id, secret };
}

/** What fields and parameters of these names can hold that means something; by the route where one name means several things. */
export function knownValues(
  { things, spareTeams, spareKeys }: Ground,
  route: string,
): (name: string) => readonly unknown[] | null {
  const all = (pick: (thing: Things) => string) => things.map(pick);
  const sweeps = things.flatMap(({ sweep, otherSweep }) => [sweep, otherSweep]);
  // Only what has ended is graded anew, and only while nothing else brings it to life again.
  const ended = things.slice(1, 2).map(({ otherSweep }) => otherSweep);
  // What is labelled stays settled likewise.
  const acted = all(({ otherSweep }) => otherSweep).filter((sweep) => !ended.includes(sweep));
  const ids = route.includes('trials/')
    ? all(({ trial }) => trial)
    : route.includes('datasets/')
      ? all(({ dataset }) => dataset)
      : route.includes('labels/')
        ? all(({ label }) => label)
        : route.includes('review-items/')
          ? all(({ reviewItem }) => reviewItem)
          : route.includes('teams/')
            ? spareTeams
            : route.includes('api-keys/')
              ? spareKeys
              : route.includes('providers/')
                ? [route.startsWith('GET') ? 'mock' : 'spare']
                : route.includes('studies/')
                  ? ['alignment-faking']
                  : route.endsWith('/labels')
                    ? all(({ sweep }) => sweep)
                    : route.endsWith('/regrade')
                      ? ended
                      : route.startsWith('POST') || route.startsWith('PUT')
                        ? acted
                        : sweeps;
  const values: Record<string, readonly unknown[]> = {
    id: ids,
    sweep: sweeps,
    pilot: sweeps,
    a: sweeps,
    b: sweeps,
    trial: all(({ trial }) => trial),
    ids: all(({ trial }) => trial),
    team: spareTeams,
    key: spareKeys,
    provider: ['mock'],
    model: route.startsWith('POST /v1/lanes') ? ['m/pause', 'm/resume'] : route.includes('lanes') ? ['m'] : ['mock/m'],
    models: [['mock/m']],
    lane: ['mock/m'],
    condition: ['free', 'paid'],
    grader: ['compliance'],
    measure: ['compliance'],
    prompt: ['a', 'b'],
    study: ['alignment-faking'],
    contrast: ['tier'],
    'idempotency-key': ['one', 'two'],
    'x-crosscheck-csrf': ['1'],
    since: ['2026-01-01T00:00:00Z'],
    until: ['2096-01-01T00:00:00Z'],
    expiresAt: ['2096-01-01T00:00:00Z'],
    baseUrl: ['http://127.0.0.1:1'],
  };
  return (name) => values[name] ?? null;
}

const label = { measure: 'compliance', label: 'complied', labeller: 'ann' };
const lines = (...documents: object[]): string => documents.map((document) => JSON.stringify(document)).join('\n');

/** Bodies that are taken as they stand, where chance alone would hardly find one; texts where a body is read by lines. */
export function goodBodies({ things, spareTeams, keys }: Ground, route: string): readonly unknown[] {
  const bodies: Record<string, unknown[]> = {
    'POST /v1/sweeps': [
      goodSweep(),
      goodSweep({ dataset: { id: things[0]?.dataset } }),
      goodSweep({ study: 'alignment-faking', conditions: undefined, graders: undefined, contrasts: undefined }),
    ],
    'POST /v1/sweeps/quote': [goodSweep(), goodSweep({ dataset: { name: things[0]?.datasetName } })],
    'POST /v1/sweeps/{id}/extend': [{ samples: 3 }, { prompts: [{ id: 'new', text: 'more' }] }],
    'POST /v1/sweeps/{id}/labels': things.map(({ trial }) => [{ ...label, labeller: 'zoe', trial }]),
    'POST /v1/review-items/{id}/label': [{ label: 'refused', labeller: 'eve' }],
    'POST /v1/sweeps/{id}/regrade': [
      {},
      { graders: [{ id: 'compliance', kind: 'regex', pattern: 'x', then: 'complied', else: 'refused' }] },
    ],
    'POST /v1/power': [{ pilot: things[0]?.sweep }, { delta: 0.1, components: { omega2: 0.05, sigma2: 0.1 } }],
    'POST /v1/dead-letters/replay': [{ dryRun: true }, { sweep: things[0]?.sweep }],
    'POST /v1/api-keys': [{ team: spareTeams[0], name: 'more', scopes: ['read'] }],
    'POST /v1/session': [{ key: keys.reader }],
    'POST /v1/datasets': [lines({ id: 'a', text: 'one' }, { id: 'b', text: 'two' })],
    'POST /v1/imports': [
      lines(
        {
          type: 'sweep',
          name: 'i',
          conditions: [{ id: 'free' }, { id: 'paid' }],
          models: ['m'],
          contrasts: [{ treatment: 'free', control: 'paid' }],
        },
        { type: 'trial', prompt: 'p', condition: 'free', model: 'm', sample: 0, outcome: 'complied' },
        { type: 'trial', prompt: 'p', condition: 'paid', model: 'm', sample: 0, outcome: 'refused', response: 'no' },
      ),
    ],
  };
  return bodies[route] ?? [];
}
