import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

/** Runs in a process of its own, because what V8 knows of String.prototype is one for all. */
function isQuick(...before: string[]): boolean {
  const module = new URL('../src/quicken-strings.ts', import.meta.url).href;
  const script = [
    `import { quickenStrings } from ${JSON.stringify(module)};`,
    ...before,
    'console.log(%HasFastProperties(String.prototype));',
  ].join('\n');
  const flags = ['--allow-natives-syntax', '--input-type=module', '--eval', script];
  return execFileSync(process.execPath, flags, { encoding: 'utf8' }).trim() === 'true';
}

test('a class that extends String slows strings down, and quickenStrings mends it', () => {
  const [extend, quicken] = ['class Label extends String {}', 'quickenStrings();'];
  assert.deepEqual([isQuick(), isQuick(extend), isQuick(extend, quicken)], [true, false, true]);
});

test('a class that comes later does not undo it', () => {
  assert.equal(isQuick('quickenStrings();', 'class Label extends String {}'), true);
});
