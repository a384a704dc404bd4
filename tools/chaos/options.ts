import { backendsHere } from '../bench-support.ts';
import { FAULT_KINDS } from './fault-kinds.ts';
import type { FaultKind, QueueMode } from './fault-ways.ts';

export type ChaosOptions = {
  seed: number;
  /** scheduled faults over all modes */
  faults: number;
  modes: QueueMode[];
  /** null: all that a mode has */
  only: FaultKind[] | null;
  /** also measure recovery, the cost of failing calls, and a sweep that is resumed after six hours */
  figures: boolean;
};

export type Flags = { seed?: string; faults?: string; mode?: string; only?: string[]; 'no-figures'?: boolean };

const FAULTS = 204;
const SEED_MAX = 1_000_000;

/** @throws Error saying what would do */
export function readOptions({ seed, faults, mode, only, 'no-figures': noFigures = false }: Flags): ChaosOptions {
  return {
    seed: seed === undefined ? Math.floor(Math.random() * SEED_MAX) : wholeNumber('--seed', seed),
    faults: faults === undefined ? FAULTS : wholeNumber('--faults', faults),
    modes: mode === undefined ? modesHere() : [readMode(mode)],
    only: only === undefined ? null : only.map(readKind),
    figures: !noFigures,
  };
}

/** Redis where this machine has one, and Postgres always. */
function modesHere(): QueueMode[] {
  return backendsHere().includes('redis') ? ['redis', 'postgres'] : ['postgres'];
}

function readMode(mode: string): QueueMode {
  if (mode === 'redis' || mode === 'postgres') return mode;
  throw new Error(`--mode is "${mode}": expected redis or postgres`);
}

function readKind(name: string): FaultKind {
  const kind = FAULT_KINDS.find((each) => each.name === name);
  if (!kind) throw new Error(`--only "${name}": expected one of ${FAULT_KINDS.map((each) => each.name).join(', ')}`);
  return kind;
}

function wholeNumber(flag: string, text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > SEED_MAX) throw new Error(`${flag} is "${text}": expected 0 to ${SEED_MAX}`);
  return value;
}
