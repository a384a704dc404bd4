import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { findJsonFault, findSchemaFault } from '../src/json-schema.ts';

suite('findSchemaFault', () => {
  test('finds nothing wrong with schemas as people write them', () => {
    for (const schema of [
      {},
      { type: 'object', required: ['a'], properties: { a: { type: ['string', 'null'] } }, additionalProperties: false },
      { type: 'array', items: { $ref: '#/$defs/one' }, $defs: { one: { type: 'integer', minimum: 1 } } },
      { anyOf: [{ const: 1 }, { enum: ['a'] }], not: { type: 'null' } },
    ]) {
      assert.equal(findSchemaFault(schema), null);
    }
  });

  test('finds a misspelled type at any depth, which would let every value pass', () => {
    assert.match(
      findSchemaFault({ properties: { a: { items: { type: 'strng' } } } }) ?? '',
      /\/properties\/a\/items\/type/,
    );
  });

  test('refuses patterns, and lets a property have that name', () => {
    assert.match(findSchemaFault({ properties: { a: { pattern: 'a' } } }) ?? '', /has a pattern/);
    assert.match(findSchemaFault({ anyOf: [{ items: { patternProperties: {} } }] }) ?? '', /has a pattern/);
    assert.equal(findSchemaFault({ properties: { pattern: { type: 'string' } }, const: { pattern: 'a' } }), null);
  });

  test('finds a reference to itself without an end', () => {
    assert.match(findSchemaFault({ $ref: '#' }) ?? '', /cannot be applied/);
  });
});

suite('findJsonFault', () => {
  const schema = {
    type: 'object',
    required: ['a'],
    properties: { a: { type: 'integer' } },
    additionalProperties: false,
  };

  test('is null for what fits', () => {
    assert.equal(findJsonFault(schema, { a: 1 }), null);
  });

  test('says where and how a value misses', () => {
    assert.match(findJsonFault(schema, { a: 'x' }) ?? '', /^\/a must be integer/);
    assert.match(findJsonFault(schema, {}) ?? '', /^the value must have/);
    assert.notEqual(findJsonFault(schema, { a: 1, b: 2 }), null);
  });

  test('nothing fits a schema that cannot be applied', () => {
    assert.match(findJsonFault({ $ref: '#' }, 1) ?? '', /cannot be applied/);
  });
});
