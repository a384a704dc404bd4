/**
 * The reporter of `npm test`: a line for each file that ended, and a failure in full where it happens. Standard output is for people;
 * `tools/test.ts` reads the same results from the file that CROSSCHECK_TEST_RESULTS names, one JSON document a line.
 */
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';

export type TestResult = {
  file: string;
  name: string;
  status: 'passed' | 'failed' | 'skipped';
  /** why it was skipped */
  reason?: string;
  durationMs: number;
};

type Finished = Extract<TestEvent, { type: 'test:pass' | 'test:fail' }>['data'];

const ROOT = path.resolve(import.meta.dirname, '..');

async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const results = process.env['CROSSCHECK_TEST_RESULTS'];
  for await (const { type, data } of source) {
    if (type === 'test:stderr' || type === 'test:stdout') yield data.message;
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    // A suite passes and fails by its tests, which are reported by themselves.
    if (data.details.type === 'suite' && !isOwnFailure(data)) continue;
    if (type === 'test:pass' && isWholeFile(data)) continue;
    const result = toResult(data, type);
    if (results) appendFileSync(results, `${JSON.stringify(result)}\n`);
    if (result.status === 'failed') yield describeFailure(result, data);
  }
}

/** A file in which the selection left no test passes as one test of the file's name. */
function isWholeFile(data: Finished): boolean {
  return data.nesting === 0 && path.resolve(ROOT, data.name) === data.file;
}

/** A hook of a suite can fail without any test of it. */
function isOwnFailure(data: Finished): boolean {
  return failureType(data) === 'hookFailed';
}

function toResult(data: Finished, type: 'test:pass' | 'test:fail'): TestResult {
  const file = path.relative(ROOT, data.file ?? '');
  const base = { file, name: data.name, durationMs: Math.round(data.details.duration_ms) };
  if (data.skip !== undefined && data.skip !== false) {
    return { ...base, status: 'skipped', reason: typeof data.skip === 'string' ? data.skip : 'no reason was given' };
  }
  return { ...base, status: type === 'test:pass' ? 'passed' : 'failed' };
}

function describeFailure(result: TestResult, data: Finished): string {
  const error: unknown = data.details.type === undefined || 'error' in data.details ? errorOf(data) : undefined;
  const where = `${result.file}:${data.line ?? 1}`;
  return `\n✖ ${result.name}\n  ${where}\n${indent(inspect(error, { colors: process.stdout.isTTY, depth: 5 }))}\n`;
}

/** The runner wraps what a test threw. */
function errorOf(data: Finished): unknown {
  const { error } = data.details as { error?: Error };
  return error?.cause ?? error;
}

function failureType(data: Finished): string | undefined {
  return (data.details as { error?: { failureType?: string } }).error?.failureType;
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}

// Node loads a reporter by its default export.
// oxlint-disable-next-line import/no-default-export
export default report;
