import { type Comparison, type ConditionPair, count, counted } from '@crosscheck/contracts';
import type { ReactElement } from 'react';
import { Badge } from '../ui/badge.tsx';
import { Panel } from '../ui/panel.tsx';
import { type Column, Table } from '../ui/table.tsx';

/** Which conditions were held against each other, whether every byte of them agrees, and what has no counterpart. */
export function Conditions({
  comparison: { conditions, unmatched, prompts },
}: {
  comparison: Comparison;
}): ReactElement {
  return (
    <Panel id="conditions" title="Conditions">
      <Table columns={COLUMNS} rows={conditions} keyOf={({ a, b }) => `${a} ${b}`} />
      <Alone unmatched={unmatched} prompts={prompts} />
    </Panel>
  );
}

const COLUMNS: Column<ConditionPair>[] = [
  { head: 'A', kind: 'name', cellClass: 'foreign', cell: ({ a }) => a },
  { head: 'B', cellClass: 'foreign', cell: ({ b }) => b },
  { head: 'Matched by', cell: ({ by }) => by },
  { head: 'Bytes', cell: (pair) => <Bytes pair={pair} /> },
];

function Bytes({ pair: { same, differing } }: { pair: ConditionPair }): ReactElement {
  if (same === null) return <span className="quiet">an import has none</span>;
  if (same) return <Badge tone="good">the same</Badge>;
  return (
    <span className="row">
      <Badge tone="warn">differ</Badge>
      <span className="small foreign">{differing.join(', ')}</span>
    </span>
  );
}

const KINDS = [
  { name: 'conditions', a: 'conditionsA', b: 'conditionsB' },
  { name: 'models', a: 'modelsA', b: 'modelsB' },
  { name: 'graders', a: 'gradersA', b: 'gradersB' },
] as const;

/** What only one of the two has: it is in no gap. */
function Alone({ unmatched, prompts }: Pick<Comparison, 'unmatched' | 'prompts'>): ReactElement | null {
  const sides = [
    { side: 'A', of: (kind: (typeof KINDS)[number]) => unmatched[kind.a], ids: prompts.onlyA, n: prompts.onlyACount },
    { side: 'B', of: (kind: (typeof KINDS)[number]) => unmatched[kind.b], ids: prompts.onlyB, n: prompts.onlyBCount },
  ];
  const lines = sides.flatMap(({ side, of, ids, n }) => [
    ...KINDS.filter((kind) => of(kind).length > 0).map((kind) => ({
      title: `Only in ${side}: ${counted(of(kind).length, kind.name.slice(0, -1))}`,
      text: of(kind).join(', '),
    })),
    ...(n > 0 ? [{ title: `Only in ${side}: ${counted(n, 'prompt')}`, text: listed(ids, n) }] : []),
  ]);
  if (lines.length === 0) return null;
  return (
    <div className="panel-body compare-alone">
      {lines.map(({ title, text }) => (
        <details key={title}>
          <summary>{title}</summary>
          <p className="foreign small">{text}</p>
        </details>
      ))}
    </div>
  );
}

const listed = (ids: readonly string[], n: number): string =>
  `${ids.join(', ')}${n > ids.length ? ` and ${count(n - ids.length)} more` : ''}`;
