import type { AuditEntry, Quotas, TeamView } from '@crosscheck/contracts';
import type { Http } from './http.ts';
import { eachItem } from './pages.ts';
import type { ApiKey, Page } from './wire.ts';

/** A null budget is no cap, a null quota no quota; what is left out stays. */
export type TeamChange = { weight?: number; monthlyBudgetUsd?: number | null; quotas?: Quotas };

/** What is left out matches all that the key may see; `action` is how an action begins, times are ISO 8601. */
export type AuditFilter = {
  team?: string;
  key?: string;
  subject?: string;
  action?: string;
  since?: string;
  until?: string;
};

export type AdminApi = {
  teams: {
    list(): AsyncGenerator<TeamView, void, undefined>;
    /** `weight` is the team's share of a lane relative to other teams; default 1 */
    create(team: { name: string; weight?: number; quotas?: Quotas }): Promise<TeamView>;
    change(id: string, change: TeamChange): Promise<TeamView>;
  };
  keys: {
    list(filter?: { team?: string }): AsyncGenerator<ApiKey, void, undefined>;
    /**
     * The key itself is in this answer and nowhere else: only its hash is kept.
     *
     * @param key.scopes    some of read, submit, ops, admin
     * @param key.expiresAt ISO 8601; absent never expires
     */
    create(key: {
      team: string;
      name: string;
      scopes: string[];
      expiresAt?: string;
    }): Promise<ApiKey & { key: string }>;
    revoke(id: string): Promise<void>;
  };
  audit: {
    /** Who changed what, latest first: of the own team with the scope ops, of all with admin. */
    list(filter?: AuditFilter): AsyncGenerator<AuditEntry, void, undefined>;
  };
};

export function makeAdminApi(http: Http): AdminApi {
  const team = (id: string) => `/v1/teams/${encodeURIComponent(id)}`;
  return {
    teams: {
      list: () => eachItem((after) => http.json<Page<TeamView>>('/v1/teams', { query: { after } })),
      create: (body) => http.json('/v1/teams', { method: 'POST', json: body }),
      change: (id, change) => http.json(team(id), { method: 'PUT', json: change }),
    },
    keys: {
      list: (filter) => eachItem((after) => http.json<Page<ApiKey>>('/v1/api-keys', { query: { ...filter, after } })),
      create: (key) => http.json('/v1/api-keys', { method: 'POST', json: key }),
      async revoke(id) {
        await http.send(`/v1/api-keys/${encodeURIComponent(id)}`, { method: 'DELETE' });
      },
    },
    audit: {
      list: (filter) => eachItem((after) => http.json<Page<AuditEntry>>('/v1/audit', { query: { ...filter, after } })),
    },
  };
}
