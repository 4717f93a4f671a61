import { expect, test } from '@jest/globals';
import { EventStreamScope, IncomingScope, OutgoingScope, parseScope, type Scope } from '../../src';
import { describeIssuedToken } from '../../src/tokens/issued-token';
import { accountSid, NOW } from '../helpers/fixed';

const describeToken = (scopes: readonly Scope[]) =>
  describeIssuedToken('token', accountSid, scopes, { iat: NOW, exp: NOW + 60 });

test('describes a token', () => {
  const scopes = [new EventStreamScope()];
  const issued = describeToken(scopes);
  expect(issued).toEqual({
    token: 'token',
    accountSid,
    scopes,
    ttl: 60,
    issuedAt: new Date(NOW * 1000),
    expiresAt: new Date((NOW + 60) * 1000),
  });
  expect(Object.hasOwn(issued, 'clientName')).toBe(false);
  expect(Object.isFrozen(issued)).toBe(true);
});

const alice = new IncomingScope('alice');
const app = new OutgoingScope('AP1');
const desk = new OutgoingScope('AP2', { clientName: 'desk' });
test.each<[string | undefined, Scope[]]>([
  ['alice', [alice]],
  ['alice', [desk, alice, new IncomingScope('bob')]],
  ['desk', [new EventStreamScope(), app, desk]],
  [undefined, [app, parseScope('scope:video:join')]],
])('the client name is %s for %s', (clientName, scopes) => {
  expect(describeToken(scopes).clientName).toBe(clientName);
});
