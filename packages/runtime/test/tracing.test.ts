import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { suite, test } from 'node:test';
import { type Collector, openCollector } from '../../../test/support/collector.ts';
import { freePort } from '../../../test/support/ports.ts';
import { ConfigError, readConfig } from '../src/config.ts';

/** Tracing is of a whole process, so each case is one. The script can use what the package exports, and `open(endpoint, ratio)`. */
function runScript(script: string): Promise<string> {
  const source = `
    import { createRequire } from 'node:module';
    import { describeSpan, currentTraceparent, inSpan, openSpan, makeLogger } from './src/index.ts';
    import { openTracing } from './src/tracing/open-tracing.ts';
    const log = makeLogger({ service: 'test', logLevel: 'silent' });
    const open = (endpoint, ratio = 1) => openTracing({ service: 'test', endpoint, ratio, log });
    ${script}`;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const cwd = path.resolve(import.meta.dirname, '..');
  execFile(process.execPath, ['--input-type=module', '--eval', source], { cwd }, (error, stdout) =>
    error ? reject(error) : resolve(stdout),
  );
  return promise;
}

suite('tracing', () => {
  test('that is off loads nothing of the SDK, and its spans are nothing', async () => {
    const shown = await runScript(`
      await using tracing = await open(null);
      const answer = await inSpan('a', {}, async (span) => {
        describeSpan({ x: 1 });
        return [span.traceparent, currentTraceparent(), 'done'];
      });
      const loaded = Object.keys(createRequire(import.meta.url).cache ?? {}).filter((file) => /@opentelemetry/.test(file));
      const packages = [...new Set(loaded.map((file) => /@opentelemetry\\/([\\w-]+)/.exec(file)[1]))];
      console.log(JSON.stringify({ on: tracing.on, answer, packages }));`);
    assert.deepEqual(JSON.parse(shown), { on: false, answer: [null, null, 'done'], packages: ['api'] });
  });

  test('sends spans with their parents and links, and of what they say only what is known to be harmless', async (t) => {
    const collector: Collector = await openCollector(t);
    await runScript(`
      await using tracing = await open('${collector.endpoint}/');
      await inSpan('outer', { kind: 'producer', attributes: { 'crosscheck.lane': 'l', 'url.query': 'canary-query' } }, async (outer) => {
        const inner = inSpan('inner', { kind: 'client' }, async (span) => {
          span.describe({ 'gen_ai.request.model': 'm', 'prompt': 'canary-prompt', 'crosscheck.call.request_id': 'x'.repeat(5_000) });
          throw new RangeError('canary-message');
        });
        await inner.catch(() => {});
        openSpan('away', { origin: outer.traceparent }).end();
        openSpan('below', { parent: outer.traceparent }).end();
      });`);
    const spans = new Map(collector.spans().map((span) => [span.name, span]));
    const outer = spans.get('outer');
    const [inner, away, below] = ['inner', 'away', 'below'].map((name) => spans.get(name));
    assert.equal(outer?.service, 'crosscheck-test');
    assert.deepEqual([outer.kind, outer.parentSpanId, outer.attributes], [4, null, { 'crosscheck.lane': 'l' }]);
    assert.deepEqual([inner?.kind, inner?.parentSpanId, inner?.failed], [3, outer.spanId, true]);
    assert.deepEqual(inner?.attributes, {
      'gen_ai.request.model': 'm',
      'crosscheck.call.request_id': 'x'.repeat(200),
      'error.type': 'RangeError',
    });
    assert.deepEqual(away?.links, [{ traceId: outer.traceId, spanId: outer.spanId }]);
    assert.notEqual(away?.traceId, outer.traceId);
    assert.equal(below?.parentSpanId, outer.spanId);
    assert.ok(!collector.raw().includes('canary'));
  });

  test('keeps the share of traces that it is told, each as a whole', async (t) => {
    const collector = await openCollector(t);
    await runScript(`
      await using tracing = await open('${collector.endpoint}', 0.25);
      for (let index = 0; index < 800; index += 1) await inSpan('root', {}, () => inSpan('leaf', {}, async () => {}));`);
    const names = collector.spans().map(({ name }) => name);
    const roots = names.filter((name) => name === 'root').length;
    assert.ok(roots > 120 && roots < 280, `${roots} of 800`);
    assert.equal(names.length, roots * 2);
  });

  test('ends within seconds when its collector is away', async () => {
    const endpoint = `http://127.0.0.1:${await freePort()}`;
    const shown = await runScript(`
      const tracing = await open('${endpoint}');
      await inSpan('lost', {}, async () => {});
      const startedMs = performance.now();
      await tracing[Symbol.asyncDispose]();
      console.log(performance.now() - startedMs);
      process.exit(0);`);
    assert.ok(Number(shown) < 4_000, `${shown} ms`);
  });

  test('is set up by the variables of its standard, and says which one is wrong', () => {
    const { tracesEndpoint, tracesRatio } = readConfig({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
      OTEL_TRACES_SAMPLER_ARG: '0.5',
    });
    assert.deepEqual([tracesEndpoint, tracesRatio], ['http://collector:4318', 0.5]);
    assert.deepEqual([readConfig({}).tracesEndpoint, readConfig({}).tracesRatio], [null, 0.1]);
    for (const wrong of [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, { OTEL_TRACES_SAMPLER_ARG: '10' }])
      assert.throws(
        () => readConfig(wrong),
        (error) => error instanceof ConfigError && error.variable === Object.keys(wrong)[0],
      );
  });
});
