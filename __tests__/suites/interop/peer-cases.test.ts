import { describe, expect, test } from '@jest/globals';
import { Capability, decodeToken, parseScope } from '../../../src';
import { applicationSid, config, refusal } from '../../helpers/fixed';

/*
 * Test cases of the official SDKs, as inputs and scopes. `expected` is what the SDK's own test asserts.
 * `ours` is the claim or error of this library where it differs, and `why` is the reason.
 */
const NODE = 'twilio/twilio-node spec/unit/jwt/ClientCapability.spec.js';
const RUBY = 'twilio/twilio-ruby spec/jwt/client_capability_spec.rb';
const RUBY_4 = 'twilio/twilio-ruby spec/jwt/capability_spec.rb';
const PYTHON = 'twilio/twilio-python tests/unit/jwt/test_client.py';
const PHP = 'twilio/twilio-php tests/Twilio/Unit/Jwt/ClientTokenTest.php';
/** The examples in Twilio's documentation of Twilio::Util::Capability. */
const DOCS = "Twilio's docs";

const EVENTS = 'scope:stream:subscribe?path=%2F2010-04-01%2FEvents';
const ORDER = 'Python sorts the query. Twilio reads any order, and so do we.';
const LINKED = 'Twilio::Util::Capability links the outgoing scope to the incoming name, and so do we.';
const BAD_NAME = 'ScopeError ERR_SCOPE_INVALID clientName';
const EMPTY = 'A token that allows nothing is a mistake.';

interface Row {
  readonly allow: (capability: Capability) => unknown;
  readonly expected: string;
  readonly ours?: string;
  readonly why?: string;
}

const ROWS: Readonly<Record<string, readonly Row[]>> = {
  [NODE]: [
    {
      allow: (c) => c.allowClientIncoming('foo').allowClientOutgoing('AP123'),
      expected: 'scope:client:incoming?clientName=foo scope:client:outgoing?appSid=AP123',
      ours: 'scope:client:incoming?clientName=foo scope:client:outgoing?appSid=AP123&clientName=foo',
      why: LINKED,
    },
    { allow: (c) => c.allowClientIncoming('client'), expected: 'scope:client:incoming?clientName=client' },
    {
      allow: (c) => c.allowClientOutgoing('AP123', { foo: 'bar' }, { clientName: 'CL123' }),
      expected: 'scope:client:outgoing?appSid=AP123&clientName=CL123&appParams=foo%3Dbar',
    },
    {
      allow: (c) => c.allowEventStream({ foo: 'bar' }),
      expected: 'scope:stream:subscribe?path=/2010-04-01/Events&appParams=foo%3Dbar',
      ours: `${EVENTS}&params=foo%3Dbar`,
      why: 'Twilio::Util::Capability and every other SDK call the filters params, and escape the path.',
    },
  ],
  [RUBY]: [
    { allow: (c) => c, expected: '', ours: 'ScopeError ERR_NO_SCOPES scopes', why: EMPTY },
    {
      allow: (c) => c.allowClientOutgoing('test-application-sid'),
      expected: 'scope:client:outgoing?appSid=test-application-sid',
      ours: 'ScopeError ERR_SCOPE_INVALID applicationSid',
      why: 'An application SID starts with AP.',
    },
    {
      allow: (c) => c.allowClientOutgoing('AP1', {}, { clientName: 'test-client-name' }),
      expected: 'scope:client:outgoing?appSid=AP1&clientName=test-client-name',
      ours: 'ScopeError ERR_SCOPE_INVALID clientName',
      why: 'The mobile SDKs do not accept a hyphen. allowAnyName sends it.',
    },
    {
      allow: (c) => c.allowClientOutgoing('AP1', { params_key: 'param_value' }),
      expected: 'scope:client:outgoing?appSid=AP1&appParams=params_key%3Dparam_value',
    },
    {
      allow: (c) => c.allowClientIncoming('test-client-name', { allowAnyName: true }),
      expected: 'scope:client:incoming?clientName=test-client-name',
    },
    { allow: (c) => c.allowEventStream(), expected: EVENTS },
    {
      allow: (c) => c.allowEventStream({ param_key: 'param_value' }),
      expected: `${EVENTS}&params=param_key%3Dparam_value`,
    },
    {
      allow: (c) => c.allowClientOutgoing('AP1').allowClientIncoming('alice'),
      expected: 'scope:client:outgoing?appSid=AP1 scope:client:incoming?clientName=alice',
      ours: 'scope:client:incoming?clientName=alice scope:client:outgoing?appSid=AP1&clientName=alice',
      why: `${LINKED} It writes outgoing scopes last.`,
    },
  ],
  [RUBY_4]: [
    {
      allow: (c) => c.allowClientIncoming('andrew').allowClientIncoming('bridget'),
      expected: 'scope:client:incoming?clientName=andrew scope:client:incoming?clientName=bridget',
    },
    {
      allow: (c) => c.allowClientOutgoing('APmyApp', { key: 'a value', foo: 'bar/baz' }),
      expected: 'scope:client:outgoing?appSid=APmyApp&appParams=key%3Da%2520value%26foo%3Dbar%252Fbaz',
    },
    {
      allow: (c) => c.allowClientIncoming('andrew').allowClientOutgoing('APmyApp'),
      expected:
        'scope:client:incoming?clientName=andrew scope:client:outgoing?appSid=APmyApp&clientName=andrew',
    },
    {
      allow: (c) => c.allowClientOutgoing('APmyApp').allowClientIncoming('andrew'),
      expected:
        'scope:client:incoming?clientName=andrew scope:client:outgoing?appSid=APmyApp&clientName=andrew',
    },
  ],
  [PYTHON]: [
    {
      allow: (c) => c.allowClientOutgoing('AP123', { foobar: 3 }),
      expected: 'scope:client:outgoing?appParams=foobar%3D3&appSid=AP123',
      ours: 'scope:client:outgoing?appSid=AP123&appParams=foobar%3D3',
      why: ORDER,
    },
    {
      allow: (c) => c.allowEventStream({ foobar: 'hey' }),
      expected: 'scope:stream:subscribe?params=foobar%3Dhey&path=%2F2010-04-01%2FEvents',
      ours: `${EVENTS}&params=foobar%3Dhey`,
      why: ORDER,
    },
    {
      allow: (c) => c.allowClientOutgoing('AP123', { foobar: 3 }, { clientName: 'andy' }),
      expected: 'scope:client:outgoing?appParams=foobar%3D3&appSid=AP123&clientName=andy',
      ours: 'scope:client:outgoing?appSid=AP123&clientName=andy&appParams=foobar%3D3',
      why: ORDER,
    },
  ],
  [PHP]: [
    { allow: (c) => c, expected: '', ours: 'ScopeError ERR_NO_SCOPES scopes', why: EMPTY },
    {
      allow: (c) => c.allowClientOutgoing('AP123', { foobar: 3 }),
      expected: 'scope:client:outgoing?appSid=AP123&appParams=foobar%3D3',
    },
    {
      allow: (c) => c.allowEventStream(),
      expected: `${EVENTS}&params=`,
      ours: EVENTS,
      why: 'No filters and empty filters mean the same. Most SDKs leave them out.',
    },
    {
      allow: (c) => c.allowClientOutgoing('AP123', { foobar: 3 }, { clientName: 'andy' }),
      expected: 'scope:client:outgoing?appSid=AP123&appParams=foobar%3D3&clientName=andy',
      ours: 'scope:client:outgoing?appSid=AP123&clientName=andy&appParams=foobar%3D3',
      why: 'Twilio::Util::Capability writes the name before the params. Twilio reads any order.',
    },
    { allow: (c) => c.allowClientIncoming('@'), expected: BAD_NAME },
    { allow: (c) => c.allowClientIncoming(''), expected: BAD_NAME },
  ],
  [DOCS]: [
    { allow: (c) => c.allowClientIncoming('Alice'), expected: 'scope:client:incoming?clientName=Alice' },
    {
      allow: (c) => c.allowClientOutgoing(applicationSid),
      expected: `scope:client:outgoing?appSid=${applicationSid}`,
    },
    {
      allow: (c) => c.allowClientOutgoing(applicationSid, { user_id: 42 }),
      expected: `scope:client:outgoing?appSid=${applicationSid}&appParams=user_id%3D42`,
    },
    {
      allow: (c) => c.allowClientIncoming('Alice').allowClientOutgoing(applicationSid),
      expected: `scope:client:incoming?clientName=Alice scope:client:outgoing?appSid=${applicationSid}&clientName=Alice`,
    },
  ],
};

/** Returns the scope claim of a Capability, or the error. */
function written(allow: Row['allow']): string {
  const capability = new Capability(config);
  try {
    allow(capability);
    return decodeToken(capability.generate()).claims['scope'] as string;
  } catch (error) {
    return refusal(() => {
      throw error;
    });
  }
}

/** Returns the scopes of a claim in canonical form. */
const meaning = (claim: string): string[] => claim.split(' ').map((uri) => String(parseScope(uri)));

describe('capability tokens', () => {
  const rows = Object.entries(ROWS).flatMap(([source, list]) => list.map((row) => [source, row] as const));
  test.each(rows.map(([source, row]) => [source, row.expected, row] as const))(
    '%s: %s',
    (_source, expected, row) => {
      expect(written(row.allow)).toBe(row.ours ?? expected);
      expect(row.why === undefined).toBe(row.ours === undefined);
      // If only the spelling differs, both claims mean the same.
      if (row.ours?.startsWith('scope:') === true && !row.why!.startsWith(LINKED)) {
        expect(meaning(expected)).toEqual(meaning(row.ours));
      }
    },
  );
});
