import { type Static, Type } from 'typebox';

const quota = (maximum: number, description: string) =>
  Type.Optional(Type.Union([Type.Integer({ minimum: 1, maximum, description }), Type.Null()]));

/** What a team may have and do at most; null is no quota. In a change, what is left out stays. */
export const Quotas = Type.Object(
  {
    sweepsOpen: quota(1_000_000, 'sweeps that are planning, running or paused'),
    trialsPerSweep: quota(1e12, 'planned trials of one sweep'),
    trialsOpen: quota(1e12, 'trials of open sweeps that have not settled'),
    requestsPerSecond: quota(100_000, 'requests a second of one API key, at one api process'),
    storageBytes: quota(2 ** 53 - 1, 'bytes of answers and of the prompts of datasets'),
  },
  { additionalProperties: false },
);
export type Quotas = Static<typeof Quotas>;

/** What a new team gets where nobody says otherwise: far above honest use, and below what takes a small server down. */
export const QUOTAS_DEFAULT = {
  sweepsOpen: 100,
  trialsPerSweep: 1_000_000,
  trialsOpen: 5_000_000,
  requestsPerSecond: 200,
  storageBytes: 50_000_000_000,
} as const satisfies Quotas;
