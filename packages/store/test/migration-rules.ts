/**
 * What a migration may do while services of the version before still run, told from its text. It is read statement by statement, without
 * comments and bodies of functions. A statement may break a rule where the comment above it gives the reason: `-- contract: …` for what no
 * version still running reads or writes, `-- reason: …` for what is quick for a cause that the text does not show.
 */

/** Tables that grow with trials or with time: what reads all of one, or rewrites it, takes minutes there. */
const BIG = ['trial', 'response', 'verdict', 'verdict_history', 'attempt', 'event', 'dataset_prompt', 'audit_entry'];

export type Breach = { rule: RuleName; statement: string };
type Statement = { text: string; excused: { contract: boolean; reason: boolean } };
type Rule = {
  name: string;
  /** the word above the statement that allows it; absent: nothing does */
  excuse?: 'contract' | 'reason';
  breaks: (text: string, made: ReadonlySet<string>) => boolean;
};

const altered = (text: string): string => /^alter table (?:if exists )?(?:only )?(\w+)/.exec(text)?.[1] ?? '';
/** Of a table that the file does not make itself, and that somebody uses. */
const isUsed = (table: string, made: ReadonlySet<string>): boolean => table !== '' && !made.has(table);
const isBig = (table: string, made: ReadonlySet<string>): boolean => BIG.includes(table) && !made.has(table);
const added = (text: string): string[] => text.split(/\badd column\b/).slice(1);

const RULES = [
  {
    name: 'drops what the version before uses',
    excuse: 'contract',
    breaks: (text) => /^drop (?:table|view|function|type|trigger|sequence)\b|\bdrop column\b|^truncate\b/.test(text),
  },
  { name: 'renames', excuse: 'contract', breaks: (text) => /^alter \w+ .*\brename\b/.test(text) },
  {
    name: 'demands what the version before does not write',
    breaks: (text, made) =>
      isUsed(altered(text), made) &&
      (/\bset not null\b|\bdrop default\b/.test(text) ||
        added(text).some((column) => /\bnot null\b/.test(column) && !/\bdefault\b|\bgenerated\b/.test(column))),
  },
  {
    name: 'narrows what the version before writes',
    excuse: 'contract',
    breaks: (text, made) =>
      isUsed(altered(text), made) &&
      /\badd (?:constraint \w+ )?(?:check|unique|foreign key|primary key|exclude)\b/.test(text),
  },
  {
    name: 'rewrites a table',
    excuse: 'reason',
    breaks: (text, made) =>
      isUsed(altered(text), made) &&
      (/\balter (?:column )?\w+ (?:set data )?type\b/.test(text) ||
        added(text).some((column) =>
          /\bgenerated always as \(|\bdefault (?:gen_random_uuid|random|clock_timestamp)\b/.test(column),
        )),
  },
  {
    name: 'reads or writes a whole big table',
    excuse: 'reason',
    breaks: (text, made) =>
      isBig(/^(?:update|delete from) (?:only )?(\w+)/.exec(text)?.[1] ?? '', made) ||
      (/^(?:insert|update|with)\b/.test(text) &&
        Array.from(text.matchAll(/\b(?:from|join) (\w+)/g), ([, table = '']) => table).some((table) =>
          isBig(table, made),
        )),
  },
  {
    name: 'indexes a big table while its writers wait',
    excuse: 'reason',
    breaks: (text, made) =>
      isBig(/^create (?:unique )?index (?!concurrently).*?\bon (?:only )?(\w+)/.exec(text)?.[1] ?? '', made),
  },
  {
    name: 'waits for a lock as long as it takes',
    breaks: (text) => /\block_timeout\b/.test(text) || /^lock table\b/.test(text),
  },
] as const satisfies readonly Rule[];
export type RuleName = (typeof RULES)[number]['name'] | 'cannot be run again';

/** What of a migration breaks which rule. */
export function findBreaches(sql: string): Breach[] {
  const statements = split(sql);
  const made = new Set(statements.map(({ text }) => /^create (?:unlogged )?table (\w+)/.exec(text)?.[1] ?? ''));
  const found = statements.flatMap(({ text, excused }) =>
    (RULES as readonly (Rule & { name: RuleName })[])
      .filter(({ breaks, excuse }) => !(excuse && excused[excuse]) && breaks(text, made))
      .map(({ name }): Breach => ({ rule: name, statement: text })),
  );
  if (!sql.startsWith('-- Outside of a transaction:')) return found;
  const once = statements.filter(({ text }) => !/\bif (?:not )?exists\b/.test(text));
  return [...found, ...once.map(({ text }): Breach => ({ rule: 'cannot be run again', statement: text }))];
}

function split(sql: string): Statement[] {
  const withoutBodies = sql.replaceAll(/\$(\w*)\$[\s\S]*?\$\1\$/g, "''");
  return withoutBodies.split(/;[ \t]*(?:--.*)?$/m).flatMap((part) => {
    const text = part.replaceAll(/--.*$/gm, '').replaceAll(/\s+/g, ' ').trim().toLowerCase();
    const excused = { contract: /^-- contract: \S/m.test(part), reason: /^-- reason: \S/m.test(part) };
    return text === '' ? [] : [{ text, excused }];
  });
}
