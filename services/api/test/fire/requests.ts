import fc, { type Arbitrary } from 'fast-check';
import { fromSchema } from './from-schema.ts';
import { type Ground, goodBodies, knownValues } from './ground.ts';
import { brokenBody, hostileText, mutated } from './hostile.ts';
import type { Operation, Parameter } from './reference.ts';

/** A request as it goes over the wire. */
export type Shot = { method: string; url: string; headers: Record<string, string>; body: Buffer | null };

type Body = { type: string | null; bytes: Buffer };
type Parts = {
  method: string;
  url: string;
  authorization: string;
  headers: Record<string, string>;
  body: Body | null;
};
type Values = Record<string, unknown>;

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY', 'SEARCH'];
const TYPES = [
  'text/plain',
  'text/csv',
  'application/xml',
  'application/json; charset=utf-16',
  'APPLICATION/JSON',
  'application/json, text/plain',
  'application/merge-patch+json',
  'application/x-ndjson; x="\u00e9"',
  'multipart/form-data',
  'json',
  '/',
  ';',
];
const HEADERS: readonly [name: string, value: string][] = [
  ['accept', 'text/html'],
  ['accept', '*/*;q=0'],
  ['accept-encoding', 'br;q=1, gzip'],
  ['content-encoding', 'gzip'],
  ['cookie', 'crosscheck_session=%00; a=b; ;;='],
  ['cookie', `crosscheck_session=${'A'.repeat(500)}`],
  ['if-none-match', '*'],
  ['range', 'bytes=0-1,5-'],
  ['origin', 'https://elsewhere.example'],
  ['sec-fetch-site', 'cross-site'],
  ['x-crosscheck-csrf', '1'],
  ['x-forwarded-for', '1.2.3.4, \u00e9'],
  ['x-http-method-override', 'DELETE'],
  ['last-event-id', '99999999999999999999'],
  ['last-event-id', '-1'],
  ['last-event-id', '9223372036854775808'],
  ['idempotency-key', ' '],
  ['idempotency-key', 'k'.repeat(5_000)],
  ['idempotency-key', '\u00e9\u00ff'],
  ['upgrade', 'websocket'],
  ['te', 'trailers, gzip'],
  ['traceparent', '00-zz-zz-01'],
];
const AUTHORIZATIONS = [
  '',
  'Bearer',
  'Bearer ',
  'bearer  ',
  'Basic YTpi',
  'Bearer a b',
  `Bearer ${'x'.repeat(3_000)}`,
  'Bearer \u00e9\u00ff',
  ',',
];

/** Requests to one route: as they are meant, and with something wrong in any of their parts. */
export function requestsTo(operation: Operation, ground: Ground): Arbitrary<Shot> {
  const right = partsOf(operation, ground);
  const valuesOf = makeValuesOf(operation, ground);
  const wrong = {
    // Another method that the path knows is another route: it would delete what this one asks for.
    method: fc.constantFrom(...METHODS.filter((method) => !operation.methods.includes(method))),
    url: fc.oneof(
      fc.tuple(valuesOf('path'), oddQuery(operation)).map(([path, query]) => toUrl(operation.path, path, query)),
      fc
        .tuple(fc.dictionary(fc.constantFrom('id', 'provider', 'model'), oddId), valuesOf('query'))
        .map(([path, query]) => toUrl(operation.path, path, toPairs(query))),
      fc
        .constantFrom('//', '/%zz', '/%00', '?', '?&&=&', `?x=${'y'.repeat(9_000)}`, '/..', '/%2e%2e/')
        .map((tail) => toUrl(operation.path, {}, []) + tail),
    ),
    authorization: fc.constantFrom(...Object.values(ground.keys).map((key) => `Bearer ${key}`), ...AUTHORIZATIONS),
    headers: fc.constantFrom(...HEADERS).map(([name, value]) => ({ [name]: value })),
    body: wrongBodiesOf(operation, ground),
  };
  // Every second request has one part that was not meant; some have several.
  const parts = fc.oneof(
    { weight: 4, arbitrary: fc.constant<(keyof typeof wrong)[]>([]) },
    {
      weight: 5,
      arbitrary: fc.constantFrom<(keyof typeof wrong)[]>(['url'], ['headers'], ['authorization'], ['method']),
    },
    { weight: operation.body ? 6 : 1, arbitrary: fc.constant<(keyof typeof wrong)[]>(['body']) },
    { weight: 1, arbitrary: fc.subarray<keyof typeof wrong>(['url', 'authorization', 'headers', 'body']) },
  );
  return fc
    .tuple(parts, right, fc.record(wrong))
    .map(([changed, good, bad]) =>
      toShot({ ...good, ...Object.fromEntries(changed.map((part) => [part, bad[part]])) }),
    );
}

/** Requests to one route as they are meant. */
export const meantRequestsTo = (operation: Operation, ground: Ground): Arbitrary<Shot> =>
  partsOf(operation, ground).map(toShot);

function makeValuesOf(operation: Operation, ground: Ground): (place: Parameter['in']) => Arbitrary<Values> {
  const known = knownValues(ground, operation.route);
  return (place) => {
    const parameters = operation.parameters.filter((parameter) => parameter.in === place && parameter.name !== 'after');
    const record = Object.fromEntries(parameters.map(({ name, schema }) => [name, fromSchema(schema, known, name)]));
    return fc.record(record, { requiredKeys: parameters.filter(({ required }) => required).map(({ name }) => name) });
  };
}

function partsOf(operation: Operation, ground: Ground): Arbitrary<Parts> {
  const valuesOf = makeValuesOf(operation, ground);
  return fc.record({
    method: fc.constant(operation.method),
    url: fc
      .tuple(valuesOf('path'), valuesOf('query'))
      .map(([path, query]) => toUrl(operation.path, path, toPairs(query))),
    authorization: fc.constant(`Bearer ${ground.keys.all}`),
    headers: valuesOf('header') as Arbitrary<Record<string, string>>,
    body: bodiesOf(operation, ground),
  });
}

const oddId = fc.oneof(hostileText, fc.constantFrom('..', '.', '%2F', 'x'.repeat(600), '%E0%A4%A', '\u{1f600}'));
/** `next` of no page that there was. */
const oddCursor = fc
  .array(fc.oneof(hostileText, fc.integer(), fc.double(), fc.constant(null)), { minLength: 1, maxLength: 2 })
  .map((key) => Buffer.from(JSON.stringify(key)).toString('base64url'));

function oddQuery({ parameters }: Operation): Arbitrary<[string, string][]> {
  const names = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
  const name = fc.oneof(
    fc.constantFrom('limit', 'x', '__proto__', '', ...names, ...names.map((one) => `${one}[]`)),
    hostileText,
  );
  const value = fc.oneof(hostileText, fc.constantFrom('0', '1', '500', '501', '-1', '1.5', '1e2'));
  const pair = fc.oneof(
    { weight: 3, arbitrary: fc.tuple(name, value) },
    { weight: names.includes('after') ? 2 : 0, arbitrary: fc.tuple(fc.constant('after'), oddCursor) },
  );
  return fc.array(pair, { minLength: 1, maxLength: 4 });
}

function bodiesOf({ route, body }: Operation, ground: Ground): Arbitrary<Body | null> {
  if (body === null) return fc.constant(null);
  const good = goodBodies(ground, route);
  const bodies = Object.entries(body).map(([type, { schema = {} }]) => {
    const chance = fromSchema(schema, knownValues(ground, route));
    return (good.length === 0 ? chance : fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...good) }, chance)).map(
      (value) => ({ type, bytes: toBytes(value) }),
    );
  });
  return fc.oneof(...bodies);
}

function wrongBodiesOf(operation: Operation, ground: Ground): Arbitrary<Body | null> {
  const [type = 'application/json'] = Object.keys(operation.body ?? {});
  const bodies = bodiesOf(operation, ground).map((body) => body?.bytes ?? Buffer.from('{}'));
  return fc.oneof(
    { weight: 6, arbitrary: mutated(bodies.map(fromBytes)).map((value) => ({ type, bytes: toBytes(value) })) },
    { weight: 3, arbitrary: brokenBody.map((bytes) => ({ type, bytes })) },
    {
      weight: 2,
      arbitrary: fc.tuple(bodies, fc.constantFrom(null, ...TYPES)).map(([bytes, odd]) => ({ type: odd, bytes })),
    },
    { weight: 1, arbitrary: fc.constant(null) },
  );
}

/** A text of lines is changed line by line, as a list of documents. */
function fromBytes(bytes: Buffer): unknown {
  const texts = bytes.toString().split('\n');
  try {
    return texts.length === 1
      ? JSON.parse(texts[0] ?? '')
      : { lines: texts.map((text) => JSON.parse(text) as unknown) };
  } catch {
    return bytes.toString();
  }
}

function toBytes(value: unknown): Buffer {
  if (typeof value === 'string') return Buffer.from(value);
  const { lines } = (value ?? {}) as { lines?: unknown };
  if (Array.isArray(lines)) return Buffer.from(lines.map((line) => JSON.stringify(line)).join('\n'));
  return Buffer.from(JSON.stringify(value) ?? '');
}

const toPairs = (query: Values): [string, string][] =>
  Object.entries(query).map(([name, value]) => [name, toText(value)]);

function toUrl(path: string, values: Values, query: [string, string][]): string {
  const filled = path.replace(/\{(\w+)\}/g, (_all, name: string) => encode(toText(values[name] ?? 'nobody')));
  return query.length === 0
    ? filled
    : `${filled}?${query.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')}`;
}

const toText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** A slash stays: names of models hold them. A URL is cut before the server would call it too long as a whole. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed().slice(0, 700)).replaceAll('%2F', '/').slice(0, 4_000);
}

function toShot({ method, url, authorization, headers, body }: Parts): Shot {
  const sent: Record<string, string> = authorization === '' ? {} : { authorization };
  if (body !== null && body.type !== null) sent['content-type'] = body.type;
  for (const [name, value] of Object.entries(headers)) {
    // What a client of HTTP refuses to send never arrives: that is tried on a bare socket.
    const visible = value.replaceAll(/[^\t\u0020-\u007e\u0080-\u00ff]/g, '?');
    sent[name.toLowerCase()] = visible;
  }
  return { method, url, headers: sent, body: body?.bytes ?? null };
}
