import type { ProviderSpec } from '@crosscheck/contracts';
import type { Config } from '@crosscheck/runtime';
import { type Db, ensureProvider, putProvider, readProvider } from '@crosscheck/store';

/**
 * Registers the providers that come with the environment: `anthropic`, real with a key and otherwise simulated where a simulator runs, and
 * `sim`. What an operator changed stays, apart from the simulator's address, which may be another one at each start.
 */
export async function ensureProviders(
  db: Db,
  config: Pick<Config, 'anthropicApiKey' | 'anthropicBaseUrl' | 'simulatorUrl'>,
): Promise<void> {
  const { anthropicApiKey, anthropicBaseUrl, simulatorUrl } = config;
  const simulated = simulatorUrl === null ? null : simulatedAt(simulatorUrl);
  const anthropic = anthropicApiKey === null ? simulated : realAnthropic(anthropicBaseUrl);
  if (anthropic) await keepCurrent(db, 'anthropic', anthropic);
  if (simulated) await keepCurrent(db, 'sim', simulated);
}

function realAnthropic(baseUrl: string | null): ProviderSpec {
  return { dialect: 'anthropic', apiKeyEnv: 'ANTHROPIC_API_KEY', ...(baseUrl === null ? {} : { baseUrl }) };
}

const simulatedAt = (baseUrl: string): ProviderSpec => ({ dialect: 'anthropic', baseUrl, simulated: true });

/**
 * A simulated one follows the environment, for its address changes and a key makes it real; so does the real one whose key is gone, or that
 * ANTHROPIC_BASE_URL sends elsewhere. Any other is the operator's.
 */
async function keepCurrent(db: Db, id: string, spec: ProviderSpec): Promise<void> {
  await ensureProvider(db, id, spec);
  const found = await readProvider(db, id);
  const lostItsKey = spec.simulated === true && found?.apiKeyEnv === 'ANTHROPIC_API_KEY';
  const isSentElsewhere = spec.simulated !== true && spec.baseUrl !== undefined && spec.baseUrl !== found?.baseUrl;
  if (found?.simulated === true || lostItsKey || isSentElsewhere) await putProvider(db, id, spec);
}
