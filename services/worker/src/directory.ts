import type { ModelClient, Provider } from '@crosscheck/contracts';
import { makeModelClient } from '@crosscheck/models';
import { type LaneRow, listLanes, listProviders, type Pool } from '@crosscheck/store';

/** Where models live and what their lanes may spend, as of a second ago at most. */
export type Directory = {
  /** Reads lanes and providers again; a provider whose settings changed gets a new client. */
  refresh(): Promise<void>;
  /** Of a lane that is not known yet reads again: its sweep was accepted a moment ago. */
  findLane(id: string): Promise<LaneRow>;
  lane(id: string): LaneRow;
  provider(id: string): Provider;
  client(providerId: string): ModelClient;
};

export type DirectoryDeps = {
  pool: Pool;
  env: NodeJS.ProcessEnv;
  /** put around each client */
  wrap: (client: ModelClient, provider: Provider) => ModelClient;
};

export function makeDirectory({ pool, env, wrap }: DirectoryDeps): Directory {
  let lanes = new Map<string, LaneRow>();
  let providers = new Map<string, Provider>();
  const clients = new Map<string, { settings: string; client: ModelClient }>();

  function find<Row>(rows: Map<string, Row>, what: string, id: string): Row {
    const row = rows.get(id);
    if (!row) throw new Error(`there is no ${what} "${id}"`);
    return row;
  }

  async function refresh(): Promise<void> {
    const found = await listLanes(pool);
    // The provider of a lane is there before the lane is.
    providers = new Map((await listProviders(pool)).map((provider) => [provider.id, provider]));
    lanes = new Map(found.map((lane) => [lane.id, lane]));
  }

  return {
    refresh,
    async findLane(id) {
      if (!lanes.has(id)) await refresh();
      return find(lanes, 'lane', id);
    },
    lane: (id) => find(lanes, 'lane', id),
    provider: (id) => find(providers, 'provider', id),
    client(providerId) {
      const provider = find(providers, 'provider', providerId);
      const settings = JSON.stringify(provider);
      const known = clients.get(providerId);
      if (known?.settings === settings) return known.client;
      const client = wrap(makeModelClient(provider, env), provider);
      clients.set(providerId, { settings, client });
      return client;
    },
  };
}
