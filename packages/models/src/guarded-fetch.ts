import { lookup as lookupHost, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { limitBody } from './limit-body.ts';

/** In a failed fetch, the code of its cause when the guard refused the address. */
export const ADDRESS_REFUSED = 'EADDRREFUSED';

/** The longest answers of models are some hundred thousand tokens, a few megabytes. */
const BODY_BYTES_MAX = 32_000_000;

type Dispatcher = object;
type AgentClass = new (options: { connect: { lookup: LookupFunction } }) => Dispatcher;

/**
 * Makes a fetch for endpoints that are not ours to trust. It connects only to addresses that are permitted, and reads no endless bodies. It is the connection's own look-up that is judged: a name that led to a
 * public address a moment ago, when it was checked, and leads to a private one now reaches nothing.
 *
 * Where the operator set a proxy (NODE_USE_ENV_PROXY), the proxy resolves names and decides, and the plain fetch is returned.
 *
 * @param permits whether a connection to this address, found under this name, may be made
 * @throws Error when Node no longer offers the class behind fetch: better no start than no guard
 */
export function makeGuardedFetch(
  permits: (host: string, address: string) => boolean,
  lookup: LookupFunction = lookupHost as LookupFunction,
): typeof fetch {
  const Agent = findAgent();
  if (Agent === null) return fetch;
  const dispatcher = new Agent({ connect: { lookup: guardLookup(permits, lookup) } });
  return async (input, init) => limitBody(await fetch(input, { ...init, dispatcher } as RequestInit), BODY_BYTES_MAX);
}

/** undici has no module of its own in Node; its class is that of the dispatcher that every copy of undici shares under this symbol. */
function findAgent(): AgentClass | null {
  // Fetch and its dispatcher are loaded when one of its names is first used.
  if (typeof Request !== 'function') throw new Error('this Node has no fetch');
  const shared = (globalThis as Record<symbol, unknown>)[Symbol.for('undici.globalDispatcher.1')];
  if (typeof shared !== 'object' || shared === null) throw new Error('this Node does not say what fetch sends with');
  return shared.constructor.name === 'Agent' ? (shared.constructor as AgentClass) : null;
}

function guardLookup(permits: (host: string, address: string) => boolean, lookup: LookupFunction): LookupFunction {
  return (host, options, done) =>
    lookup(host, options, (error, found, family) => {
      const addresses = (Array.isArray(found) ? found : [{ address: found, family }]) as LookupAddress[];
      const bad = error === null ? addresses.find(({ address }) => !permits(host, address)) : undefined;
      if (bad === undefined) return done(error, found, family);
      const refused = new Error(`${host} leads to ${bad.address}, which is in a private range`);
      return done(Object.assign(refused, { code: ADDRESS_REFUSED }), '', 0);
    });
}
