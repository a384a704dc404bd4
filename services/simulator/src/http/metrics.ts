import type { Tenant } from '../state/tenant.ts';

/** Counters of all tenants in the text format of Prometheus. */
export function metricsText(tenants: readonly Tenant[]): string {
  const counter = (name: string, help: string, kind: 'counter' | 'gauge', lines: string[]): string[] => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${kind}`,
    ...lines,
  ];
  const byLabel = (name: string, label: string, pick: (tenant: Tenant) => Record<string, number>): string[] =>
    tenants.flatMap((tenant) =>
      Object.entries(pick(tenant)).map(
        ([value, count]) => `${name}{tenant="${escape(tenant.id)}",${label}="${escape(value)}"} ${count}`,
      ),
    );
  const plain = (name: string, pick: (tenant: Tenant) => number): string[] =>
    tenants.map((tenant) => `${name}{tenant="${escape(tenant.id)}"} ${pick(tenant)}`);
  const lines = [
    ...counter('simulator_requests_total', 'Message requests by status', 'counter', [
      ...byLabel('simulator_requests_total', 'status', ({ traffic }) => traffic.byStatus),
    ]),
    ...counter('simulator_faults_total', 'Injected faults by kind', 'counter', [
      ...byLabel('simulator_faults_total', 'kind', ({ traffic }) => traffic.faults),
    ]),
    ...counter('simulator_in_flight', 'Message requests being answered', 'gauge', [
      ...plain('simulator_in_flight', ({ traffic }) => traffic.inFlight),
    ]),
    ...counter('simulator_cache_entries', 'Prefixes in the prompt cache', 'gauge', [
      ...plain('simulator_cache_entries', ({ cache }) => cache.size()),
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

const escape = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
