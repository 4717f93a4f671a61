import { expect, test } from '@jest/globals';
import * as z from 'zod/mini';
import { flagSchema, functionSchema, listSchema, sidSchema } from '../../src/schemas';

const messageOf = (schema: z.ZodMiniType, value: unknown): string | undefined =>
  schema.safeParse(value).error?.issues[0]?.message;

test('a schema of a SID tells a missing one from an invalid one', () => {
  const schema = sidSchema('AP', 'applicationSid', 'is missing.');
  expect(messageOf(schema, 'AP1')).toBeUndefined();
  expect(messageOf(schema, undefined)).toBe('applicationSid is missing.');
  for (const sid of ['AC1', 'AP', 'AP1 ', null, 1]) {
    expect(messageOf(schema, sid)).toBe(
      'applicationSid must be "AP" followed by 1 to 32 letters or digits, without spaces or quotes.',
    );
  }
});

test('a list is measured before its elements are validated', () => {
  const seen: unknown[] = [];
  const element = z.custom<string>((value) => {
    seen.push(value);
    return value !== 'bad';
  }, 'An element is bad.');
  const schema = listSchema(element, 'The list is bad.');
  expect(messageOf(schema, ['a', 'b'])).toBeUndefined();
  expect(messageOf(schema, ['a', 'bad'])).toBe('An element is bad.');
  expect(seen).toEqual(['a', 'b', 'a', 'bad']);
  for (const list of [[], Array(101), Array(2 ** 32 - 1), 'a', { length: 1 }, undefined]) {
    expect(messageOf(schema, list)).toBe('The list is bad.');
  }
  expect(seen).toHaveLength(4);
});

test('a flag is true, false or absent', () => {
  for (const value of [true, false, undefined]) expect(messageOf(flagSchema('on'), value)).toBeUndefined();
  for (const value of ['false', 0, null])
    expect(messageOf(flagSchema('on'), value)).toBe('on must be true or false.');
});

test('a function is not called', () => {
  const schema = functionSchema<() => never>('Pass a function.');
  const broken = () => {
    throw new Error('called');
  };
  expect(messageOf(schema, broken)).toBeUndefined();
  expect(messageOf(schema, { call: broken })).toBe('Pass a function.');
});
