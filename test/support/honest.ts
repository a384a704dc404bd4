import assert from 'node:assert/strict';

/**
 * Walks over numbers as they are answered and fails at the first dishonest one: a NaN or an infinity, an estimate that is null without a
 * reason, an interval that is missing without one, that has one end, or that does not hold its estimate.
 */
export function assertHonest(value: unknown, where = '$'): void {
  if (typeof value === 'number') assert.ok(Number.isFinite(value), `${where} is ${value}`);
  if (typeof value !== 'object' || value === null) return;
  const fields = value as Record<string, unknown>;
  if ('estimate' in fields && ('reason' in fields || 'refused' in fields || 'ci' in fields))
    assertEstimate(fields, where);
  for (const [name, inner] of Object.entries(fields)) assertHonest(inner, `${where}.${name}`);
}

function assertEstimate(fields: Record<string, unknown>, where: string): void {
  const { estimate, ci } = fields;
  const why = fields['reason'] ?? fields['refused'] ?? null;
  if (estimate === null) assert.ok(typeof why === 'string' && why !== '', `${where} is null without a reason`);
  if (ci === undefined) return;
  const { low, high, method } = ci as { low: number | null; high: number | null; method: string | null };
  assert.equal(low === null, high === null, `${where} has half an interval`);
  assert.equal(low === null, method === null, `${where} has an interval without a method, or the other way round`);
  if (low === null || high === null) {
    assert.ok(typeof why === 'string' && why !== '', `${where} has no interval and says not why`);
    return;
  }
  assert.ok(typeof estimate === 'number', `${where} has an interval of nothing`);
  assert.ok(low <= estimate + 1e-9 && estimate <= high + 1e-9, `${where}: ${estimate} lies outside ${low} to ${high}`);
  // Two answers that agree are no certainty: an interval has a width unless it is cut off at both ends of what can be.
  assert.ok(high > low, `${where} has an interval without a width`);
}
