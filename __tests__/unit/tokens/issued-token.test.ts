import { expect, test } from '@jest/globals';
import { EventStreamScope, IncomingScope, OutgoingScope, parseScope, type Scope } from '../../../src';
import { createIssuedToken } from '../../../src/tokens/issued-token';
import { accountSid, NOW } from '../../helpers/fixed';

const alice = new IncomingScope('alice');
const app = new OutgoingScope('AP1');
const desk = new OutgoingScope('AP2', { clientName: 'desk' });
test.each<[string | undefined, Scope[]]>([
  ['alice', [alice]],
  ['alice', [desk, alice, new IncomingScope('bob')]],
  ['desk', [new EventStreamScope(), app, desk]],
  [undefined, [app, parseScope('scope:video:join')]],
])('the client name is %s for %s', (clientName, scopes) => {
  const times = { iat: NOW, exp: NOW + 60 };
  expect(createIssuedToken('token', accountSid, scopes, times).clientName).toBe(clientName);
});
