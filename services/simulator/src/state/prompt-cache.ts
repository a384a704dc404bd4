import { shortHash } from '../behaviour/keyed-draws.ts';
import { rememberByText } from '../behaviour/remember.ts';
import type { SimulatedModel } from '../model-facts.ts';
import type { CacheControl, MessagesRequest, TextBlock } from '../protocol/request.ts';
import { countInput, countText } from '../protocol/tokens.ts';

/** How the input of a request divides over the classes of the price table. */
export type InputSplit = { input: number; cacheRead: number; cacheWrite5m: number; cacheWrite1h: number };

type CacheWrite = { key: string; ttlMs: number };
export type CacheUse = { split: InputSplit; writes: CacheWrite[]; reads: CacheWrite[] };

/** Prefixes that were written. An entry is readable from the start of its writer's answer, not before. */
export type PromptCache = {
  /** What a request would read and write now. Changes nothing. */
  look(request: MessagesRequest, model: SimulatedModel, scope: { organization: string; workspace: string }): CacheUse;
  /** Enters what an admitted request reads and writes. @param readyAtMs the start of its answer */
  commit(use: CacheUse, startMs: number, readyAtMs: number): void;
  size(): number;
};

type Entry = { readyAtMs: number; expiresAtMs: number };
/** One block of the prefix, in order: its position ends a prefix whose hash is `key`. */
type PrefixBlock = { key: string; tokensTo: number; ttl: '5m' | '1h' | null };

const TTL_MS = { '5m': 300_000, '1h': 3_600_000 } as const;
/** How many blocks before a breakpoint are tried for a hit. */
const LOOKBACK = 20;
const ENTRIES_MAX = 20_000;

/** Makes the prompt cache of a tenant. */
export function makePromptCache({ now, timeScale }: { now: () => number; timeScale: () => number }): PromptCache {
  const entries = new Map<string, Entry>();
  const hashOfSystem = rememberByText(shortHash);
  const readable = (key: string): boolean => {
    const entry = entries.get(key);
    return entry !== undefined && entry.readyAtMs <= now() && now() < entry.expiresAtMs;
  };
  const lifetimeMs = (ttl: '5m' | '1h'): number => TTL_MS[ttl] / (timeScale() === 0 ? 1 : timeScale());

  return {
    look(request, model, { organization, workspace }) {
      const total = countInput(request, model.tokenizer);
      const plain = { split: { input: total, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0 }, writes: [], reads: [] };
      if (!hasBreakpoint(request)) return plain;
      const blocks = prefixBlocks(request, model, `${organization}/${workspace}/${model.id}`, hashOfSystem);
      const breakpoints = blocks.flatMap((block, index) => (block.ttl === null ? [] : [index]));
      const usable = breakpoints.filter((index) => (blocks[index]?.tokensTo ?? 0) >= model.minCacheTokens);
      if (usable.length === 0) return plain;
      const hit = longestHit(blocks, usable, readable);
      return divide({ blocks, usable, hit, total, lifetimeMs });
    },
    commit({ writes, reads }, startMs, readyAtMs) {
      for (const { key, ttlMs } of reads) {
        const entry = entries.get(key);
        if (entry !== undefined) entry.expiresAtMs = Math.max(entry.expiresAtMs, startMs + ttlMs);
      }
      for (const { key, ttlMs } of writes) {
        const before = entries.get(key);
        const readyBefore =
          before !== undefined && before.expiresAtMs > startMs ? before.readyAtMs : Number.POSITIVE_INFINITY;
        if (entries.size >= ENTRIES_MAX && before === undefined) entries.delete(entries.keys().next().value ?? '');
        entries.set(key, { readyAtMs: Math.min(readyBefore, readyAtMs), expiresAtMs: startMs + ttlMs });
      }
    },
    size: () => entries.size,
  };
}

function hasBreakpoint(request: MessagesRequest): boolean {
  if (request.cache_control !== undefined && request.cache_control !== null) return true;
  const marked = (block: { cache_control?: CacheControl | null }): boolean => (block.cache_control ?? null) !== null;
  if (request.tools?.some(marked) === true) return true;
  if (Array.isArray(request.system) && request.system.some(marked)) return true;
  return request.messages.some(({ content }) => Array.isArray(content) && content.some(marked));
}

/** The blocks in cache order tools, system, messages, each with the hash of everything up to it. */
function prefixBlocks(
  request: MessagesRequest,
  model: SimulatedModel,
  scope: string,
  hashOfSystem: (text: string) => string,
): PrefixBlock[] {
  const asBlocks = (content: string | TextBlock[] | undefined): TextBlock[] =>
    content === undefined ? [] : typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  const blocks: PrefixBlock[] = [];
  let key = scope;
  let tokens = 0;
  // Long texts repeat from request to request: their own hash is remembered, and only hashes are chained.
  const push = (salt: string, block: { cache_control?: CacheControl | null; text?: string }, more = 0): void => {
    const { cache_control: mark, ...bare } = block;
    const text = block.text ?? JSON.stringify(bare);
    key = shortHash(`${key}\n${salt}\n${salt === 'system' ? hashOfSystem(text) : shortHash(text)}`);
    tokens += countText(text, model.tokenizer) + more;
    blocks.push({ key, tokensTo: tokens, ttl: mark === undefined || mark === null ? null : (mark.ttl ?? '5m') });
  };
  for (const tool of request.tools ?? []) push('tool', tool as { cache_control?: CacheControl | null });
  for (const block of asBlocks(request.system)) push('system', block);
  // These change how messages are read, so they invalidate what follows the system prompt.
  const mode = JSON.stringify([request.tool_choice, request.thinking, request.output_config?.effort]);
  request.messages.forEach((message) => {
    asBlocks(message.content).forEach((block, index) => push(`${mode}/${message.role}`, block, index === 0 ? 4 : 0));
  });
  const last = blocks.at(-1);
  if (request.cache_control && last !== undefined) last.ttl ??= request.cache_control.ttl ?? '5m';
  return blocks;
}

/** The last block of the longest readable prefix, looking back from each breakpoint; -1 without a hit. */
function longestHit(
  blocks: readonly PrefixBlock[],
  breakpoints: readonly number[],
  readable: (key: string) => boolean,
): number {
  for (const breakpoint of breakpoints.toReversed()) {
    for (let index = breakpoint; index >= Math.max(0, breakpoint - LOOKBACK + 1); index -= 1) {
      if (readable(blocks[index]?.key ?? '')) return index;
    }
  }
  return -1;
}

function divide({
  blocks,
  usable,
  hit,
  total,
  lifetimeMs,
}: {
  blocks: readonly PrefixBlock[];
  usable: readonly number[];
  hit: number;
  total: number;
  lifetimeMs: (ttl: '5m' | '1h') => number;
}): CacheUse {
  const split: InputSplit = { input: 0, cacheRead: blocks[hit]?.tokensTo ?? 0, cacheWrite5m: 0, cacheWrite1h: 0 };
  const reads = usable.filter((index) => index <= hit);
  const writes = usable.filter((index) => index > hit);
  let covered = split.cacheRead;
  const toWrite = (index: number): CacheWrite => {
    const block = blocks[index] as PrefixBlock;
    return { key: block.key, ttlMs: lifetimeMs(block.ttl ?? '5m') };
  };
  for (const index of writes) {
    const { tokensTo, ttl } = blocks[index] as PrefixBlock;
    split[ttl === '1h' ? 'cacheWrite1h' : 'cacheWrite5m'] += tokensTo - covered;
    covered = tokensTo;
  }
  split.input = Math.max(0, total - covered);
  // A hit found by looking back has no breakpoint of its own in this request; it is refreshed like one of 5 minutes.
  const back = hit >= 0 && !reads.includes(hit) ? [{ key: blocks[hit]?.key ?? '', ttlMs: lifetimeMs('5m') }] : [];
  return { split, writes: writes.map(toWrite), reads: [...reads.map(toWrite), ...back] };
}
