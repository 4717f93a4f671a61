import { expect, test } from '@jest/globals';
import { validateScopeOptions } from '../../../src/scopes/scope-options';
import { refusal } from '../../helpers/fixed';

const NAMES = ['clientName', 'allowAnyName'];

test.each([
  [undefined, {}],
  [{}, {}],
  [{ allowAnyName: undefined }, { allowAnyName: undefined }],
  [
    { clientName: 42, allowAnyName: false },
    { clientName: 42, allowAnyName: false },
  ],
  [Object.assign(Object.create(null) as object, { allowAnyName: true }), { allowAnyName: true }],
  [new Proxy({ clientName: 'alice' }, {}), { clientName: 'alice' }],
])('returns a copy of %j', (options, expected) => {
  const copy = validateScopeOptions(NAMES, options);
  expect({ ...copy }).toStrictEqual(expected);
  expect(copy).not.toBe(options);
  expect('toString' in copy).toBe(false);
});

test.each([
  [null, 'options'],
  ['allowAnyName', 'options'],
  [[], 'options'],
  [new Map(), 'options'],
  [Object.create({ allowAnyName: true }), 'options'],
  [{ params: {} }, 'params'],
  [{ allowAnyName: 'true', clientname: 'alice' }, 'clientname'],
  [{ allowAnyName: null }, 'allowAnyName'],
  [{ allowAnyName: 'false' }, 'allowAnyName'],
  [{ allowAnyName: 1 }, 'allowAnyName'],
])('rejects %j', (options: unknown, field) => {
  expect(refusal(() => validateScopeOptions(NAMES, options))).toBe(
    `ConfigError ERR_OPTIONS_INVALID ${field}`,
  );
});

test('names the known options', () => {
  expect(() => validateScopeOptions(NAMES, null)).toThrow(
    'Options must be a plain object. Known keys: clientName, allowAnyName.',
  );
  expect(() => validateScopeOptions(NAMES, { clientname: 'alice' })).toThrow(
    'Unknown key "clientname" in options. Did you mean "clientName"? Known keys: clientName, allowAnyName.',
  );
  expect(() => validateScopeOptions(NAMES, { allowAnyName: 'true' })).toThrow(
    'allowAnyName must be true or false.',
  );
});
