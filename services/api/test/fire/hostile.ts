import fc, { type Arbitrary } from 'fast-check';

const nest = (depth: number): unknown => Array.from({ length: depth }).reduce((inner) => [inner], null);

/** Texts that have broken parsers, databases and formats. */
export const TEXTS: readonly string[] = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  'a\udc00b',
  '\u{1f600}'.repeat(300),
  'e\u0301'.repeat(200),
  '\u202eright to left',
  '\u001b[31mred\u0007',
  'a\r\nx-injected: 1',
  'x'.repeat(5_000),
  'é'.repeat(120_000),
  "'; drop table trial; --",
  '<script>alert(1)</script>',
  '=1+1',
  '{{prompt}}',
  '{{nobody}}',
  '${1+1}',
  '../../../etc/passwd',
  '%00',
  '__proto__',
  'constructor',
  'null',
  'NaN',
  '0x10',
  '1e3',
  '-1',
  '99999999999999999999',
  '9223372036854775807',
  '9223372036854775808',
  'infinity',
  'now',
  '2026-02-30',
  '0000-01-01T00:00:00Z',
  '-271821-04-20T00:00:00Z',
  '+275760-09-13T00:00:00.000Z',
  '9999-12-31T23:59:59Z',
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
  '(a+)+$',
  '[',
  '(?<n>a)\\k<n>',
  '\\',
  'a,b;c',
  'mock/m',
  '/',
  'mock/',
];

/** Values of the wrong type, the wrong size or the wrong depth. */
const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  1,
  1.5,
  32_768,
  2 ** 31,
  2 ** 32 + 1,
  2 ** 53,
  -(2 ** 63),
  1e21,
  1e308,
  5e-324,
  [],
  {},
  [null],
  [[]],
  nest(60),
  nest(70),
  Array.from({ length: 3_000 }, () => null),
  Array.from({ length: 300 }, (_, index) => String(index)),
  { toString: 1, valueOf: null, constructor: { prototype: {} } },
  JSON.parse('{"__proto__":{"admin":true}}'),
  { '': 1, 'a b': 2, ÿ: 3 },
];

export const hostileText: Arbitrary<string> = fc.oneof(
  fc.constantFrom(...TEXTS),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
const hostileValue: Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom(...VALUES),
  fc.jsonValue({ maxDepth: 2 }),
);

type Step = { at: number; how: 'replace' | 'remove' | 'add' | 'repeat' | 'wrap'; value: unknown; name: string };
const step: Arbitrary<Step> = fc.record({
  at: fc.nat(),
  how: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'add', 'repeat', 'wrap'),
  value: hostileValue,
  name: hostileText.filter((text) => text.length < 50),
});

/** A JSON document with one to three things in it that were not meant. */
export function mutated(documents: Arbitrary<unknown>): Arbitrary<unknown> {
  return fc
    .tuple(documents, fc.array(step, { minLength: 1, maxLength: 3 }))
    .map(([document, steps]) => steps.reduce(applyStep, document));
}

function applyStep(document: unknown, { at, how, value, name }: Step): unknown {
  const total = countNodes(document);
  let left = at % total;
  const visit = (node: unknown): unknown => {
    if (left-- === 0) return change(node);
    if (Array.isArray(node)) return node.flatMap((item) => visitItem(item));
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([key, inner]) => [key, visit(inner)]));
  };
  const visitItem = (item: unknown): unknown[] => {
    if (left !== 0) return [visit(item)];
    left -= 1;
    if (how === 'remove') return [];
    return how === 'repeat' ? Array.from({ length: 100 }, () => item) : [change(item)];
  };
  const change = (node: unknown): unknown => {
    if (how === 'remove') return undefined;
    if (how === 'wrap') return [node];
    if (how === 'repeat') return typeof node === 'string' ? node.repeat(1_000).slice(0, 100_000) : [node, node];
    if (how === 'add' && typeof node === 'object' && node !== null && !Array.isArray(node))
      return { ...node, [name]: value };
    return value;
  };
  return visit(document);
}

function countNodes(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, inner) => sum + countNodes(inner), 1);
}

const TAILS = ['', ',', '}', ']', '\0', ' ', '\n{}', '//', '\ufeff'];

/** Bytes that should have been a JSON document. */
export const brokenBody: Arbitrary<Buffer> = fc.oneof(
  fc.constantFrom(
    ...[
      '',
      ' ',
      '{',
      '[',
      'null',
      'NaN',
      '"text"',
      '1e999',
      '{"a":1,"a":2}',
      '{"__proto__":{}}',
      "{'a':1}",
      '\ufeff{}',
      '\0',
      'a=1&b=2',
    ].map((text) => Buffer.from(text)),
    Buffer.from('['.repeat(100_000)),
    Buffer.from('{"a":'.repeat(50_000)),
    Buffer.from([0x22, 0xff, 0xfe, 0xc3, 0x28, 0x22]),
    Buffer.from([0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 3]),
    Buffer.from('{}', 'utf16le'),
  ),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc
    .tuple(fc.json({ maxDepth: 3 }), fc.nat({ max: 100 }), fc.constantFrom(...TAILS))
    .map(([json, cut, tail]) => Buffer.from(json.slice(0, Math.ceil((json.length * cut) / 100)) + tail)),
);
