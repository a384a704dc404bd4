import type { Http } from './http.ts';
import type { ApiKey, Team } from './wire.ts';

export type AdminApi = {
  teams: {
    create(team: { name: string; weight?: number }): Promise<Team>;
  };
  keys: {
    /** The secret is in this answer and nowhere else: only its hash is kept. */
    create(key: {
      team: string;
      name: string;
      scopes?: string[];
      expiresAt?: string;
    }): Promise<ApiKey & { secret: string }>;
    revoke(id: string): Promise<void>;
  };
};

export function makeAdminApi(http: Http): AdminApi {
  return {
    teams: { create: (team) => http.json('/v1/teams', { method: 'POST', json: team }) },
    keys: {
      create: (key) => http.json('/v1/api-keys', { method: 'POST', json: key }),
      revoke: (id) => http.json(`/v1/api-keys/${encodeURIComponent(id)}`, { method: 'DELETE' }),
    },
  };
}
