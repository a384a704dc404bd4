import { lookup } from 'node:dns/promises';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import type { Provider } from '@crosscheck/contracts';
import { makeGuardedFetch } from './guarded-fetch.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Ranges that no provider on the internet has: this machine, its networks, link-local with the metadata of clouds, and what is reserved. */
const PRIVATE: readonly [address: string, prefix: number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
];
const LOOPBACK: readonly [address: string, prefix: number][] = [
  ['127.0.0.0', 8],
  ['::1', 128],
];
const RESOLVED_FOR_MS = 10_000;
const isPrivate = toBlockList(PRIVATE);

export type AddressGuard = {
  /** Why nothing may be sent to a provider's base URL, in words; null when it may. A name is looked up, at most every ten seconds. */
  findFault(provider: Pick<Provider, 'baseUrl'>): Promise<string | null>;
  /** For calls to a base URL that somebody named: what a name leads to is judged again when the connection is made. */
  fetch: typeof fetch;
};

/**
 * Keeps calls away from private networks: a base URL must not make a worker ask what stands beside it. `CROSSCHECK_ALLOW_PRIVATE_URLS` lists
 * what is meant to be reached, separated by commas: host names, addresses, ranges, or `loopback`. Addresses that the environment itself
 * names (a default base URL, the simulator) are the operator's own and pass.
 */
export function makeAddressGuard(
  environment: Environment,
  { resolve = resolveHost, lookup }: { resolve?: (host: string) => Promise<string[]>; lookup?: LookupFunction } = {},
): AddressGuard {
  const allowed = readAllowed(environment);
  const known = new Map<string, { fault: string | null; untilMs: number }>();

  const permits = (host: string, address: string): boolean =>
    allowed.hosts.has(host) || !has(isPrivate, address) || has(allowed.ranges, address);

  async function judge(host: string): Promise<string | null> {
    if (allowed.hosts.has(host)) return null;
    const addresses = isIP(host) > 0 ? [host] : await resolve(host).catch(() => []);
    // A name that nothing answers for fails by itself, with the error that says so.
    const bad = addresses.find((address) => !permits(host, address));
    if (bad === undefined) return null;
    return `${host} is in a private range${bad === host ? '' : ` (${bad})`}: CROSSCHECK_ALLOW_PRIVATE_URLS does not allow it`;
  }

  return {
    fetch: makeGuardedFetch(permits, lookup),
    async findFault({ baseUrl }) {
      const host = hostOf(baseUrl);
      if (host === null) return null;
      const nowMs = performance.now();
      const seen = known.get(host);
      if (seen && seen.untilMs > nowMs) return seen.fault;
      const fault = await judge(host);
      known.set(host, { fault, untilMs: nowMs + RESOLVED_FOR_MS });
      return fault;
    },
  };
}

function readAllowed(environment: Environment): { hosts: Set<string>; ranges: BlockList } {
  const hosts = new Set<string>();
  const ranges: [string, number][] = [];
  for (const entry of (environment['CROSSCHECK_ALLOW_PRIVATE_URLS'] ?? '').split(',').map((one) => one.trim())) {
    const [address = '', prefix] = entry.split('/');
    const version = isIP(address);
    if (entry === 'loopback') {
      ranges.push(...LOOPBACK);
      hosts.add('localhost');
    } else if (version > 0) ranges.push([address, Math.min(Number(prefix ?? 128) || 0, version === 4 ? 32 : 128)]);
    else if (entry !== '') hosts.add(entry.toLowerCase());
  }
  const simulator = hostOf(environment['CROSSCHECK_SIMULATOR_URL']);
  if (simulator !== null) hosts.add(simulator);
  return { hosts, ranges: toBlockList(ranges) };
}

function hostOf(url: string | undefined): string | null {
  const host = url === undefined ? undefined : URL.parse(url)?.hostname;
  return host === undefined || host === ''
    ? null
    : host
        .replace(/^\[|\]$/g, '')
        .replace(/\.$/, '')
        .toLowerCase();
}

async function resolveHost(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

function toBlockList(ranges: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of ranges) list.addSubnet(address, prefix, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return list;
}

/** An IPv4 address that is written as IPv6 is found by both of its writings. */
function has(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
