import { describe, expect, it, test } from '@jest/globals';
import {
  AccessTokenSigner,
  CapabilitySigner,
  EventStreamScope,
  IncomingScope,
  OutgoingScope,
  parseScope,
  parseScopes,
  toVoiceGrant,
  type Scope,
  type VoiceGrantPlan,
} from '../../../src';
import { apiKeyConfig, applicationSid as APP, config } from '../../helpers/fixed';

const OTHER_APP = 'AP6f0de3bd8553a19da945e27fed1ae26c';

const alice = new IncomingScope('alice');
const outgoing = new OutgoingScope(APP);

/**
 * Returns a plan with each scope as its URI. toEqual compares enumerable properties only, and a scope keeps
 * its URI in a private field.
 */
function shown({ identity, voice, dropped, notes }: VoiceGrantPlan) {
  return { identity, voice, dropped: dropped.map(({ scope, part }) => [String(scope), part]), notes };
}

const incoming = { allow: true };
const outgoingApp = { application_sid: APP };
const both = { incoming, outgoing: outgoingApp };
const ofAlice = new OutgoingScope(APP, { clientName: 'alice' });
const ofBob = new OutgoingScope(APP, { clientName: 'bob' });
const withParams = new OutgoingScope(APP, { clientName: 'bob', params: { user_id: 42, vip: true } });
const withParamsOut = { outgoing: { application_sid: APP, params: { user_id: '42', vip: 'true' } } };

test.each<[row: string, scopes: Scope[], identity: string | null, voice: object, notes: string[]]>([
  ['Incoming: clientName', [alice], 'alice', { incoming }, []],
  ['Outgoing: clientName', [ofBob], 'bob', { outgoing: outgoingApp }, []],
  ['Outgoing: applicationSid', [outgoing], null, { outgoing: outgoingApp }, ['Pass an identity']],
  ['Outgoing: params', [withParams], 'bob', withParamsOut, []],
  ['both directions under one name', [ofAlice, alice], 'alice', both, []],
  ['both, without a name for outgoing', [outgoing, alice], 'alice', both, ['from "alice"']],
  ['nothing', [], null, {}, ['No calls', 'Pass an identity']],
])("Twilio's mapping of %s", (_row, scopes, identity, voice, notes) => {
  const said = notes.map((note) => expect.stringContaining(note));
  expect(shown(toVoiceGrant(scopes))).toStrictEqual({ identity, voice, dropped: [], notes: said });
});

describe('a scope without a counterpart', () => {
  const events = new EventStreamScope({ CallStatus: 'completed' });
  const bob = new IncomingScope('bob');
  const other = new OutgoingScope(OTHER_APP, { clientName: 'bob' });
  const gold = new OutgoingScope(APP, { clientName: 'alice', params: { plan: 'gold' } });
  const video = parseScope('scope:video:join?room=\u001b[31m');
  const quoted = new IncomingScope('say "bob"', { allowAnyName: true });
  const goldOut = { outgoing: { application_sid: APP, params: { plan: 'gold' } } };

  test.each<[what: string, scopes: Scope[], voice: object, dropped: Scope, part: string, note: RegExp]>([
    ['an event stream', [alice, events], { incoming }, events, 'scope', /no event stream/],
    ['a second incoming name', [alice, bob], { incoming }, bob, 'scope', /"bob".*"alice"/],
    ['another outgoing name', [ofBob, alice], both, ofBob, 'clientName', /"alice".*"bob"/],
    ['a second app', [ofAlice, other], { outgoing: outgoingApp }, other, 'scope', RegExp(OTHER_APP)],
    ['other params for the same application', [gold, ofAlice], goldOut, ofAlice, 'scope', /Only the first/],
    ['another service', [alice, video], { incoming }, video, 'scope', /"video:join"/],
    ['a name with quotes', [alice, quoted], { incoming }, quoted, 'scope', /"say \\"bob\\""/],
  ])('%s', (_what, scopes, voice, dropped, part, note) => {
    expect(shown(toVoiceGrant(scopes))).toStrictEqual({
      identity: 'alice',
      voice,
      dropped: [[String(dropped), part]],
      notes: [expect.stringMatching(note)],
    });
  });

  it('is listed in the order of the scopes, with a note and the original scope', () => {
    const carols = new OutgoingScope(APP, { clientName: 'carol' });
    const { dropped, notes } = toVoiceGrant([events, carols, alice, bob, events]);
    expect(dropped).toHaveLength(4);
    expect(dropped.map(({ scope }) => scope)).toStrictEqual([events, carols, bob, events]);
    expect(dropped[0]?.scope).toBe(events);
    expect(notes).toHaveLength(4);
  });

  it('can set the identity, as it sets the client name of an issued token', () => {
    const scopes = [outgoing, new OutgoingScope(OTHER_APP, { clientName: 'bob' })];
    expect(toVoiceGrant(scopes).identity).toBe('bob');
    expect(new CapabilitySigner(config).issue(scopes).clientName).toBe('bob');
    const access = new AccessTokenSigner({ ...apiKeyConfig, dropUnmappable: true });
    expect(access.issue(scopes)).toMatchObject({ clientName: 'bob', identity: 'bob' });
  });
});

describe('the scopes passed', () => {
  it('can be a single scope', () => {
    expect(shown(toVoiceGrant(alice))).toStrictEqual(shown(toVoiceGrant([alice])));
  });

  it('can repeat, without losing anything', () => {
    const named = new OutgoingScope(APP, { clientName: 'alice', params: { plan: 'gold' } });
    const again = parseScopes([alice, named].join(' '));
    expect(shown(toVoiceGrant([alice, named, ...again]))).toStrictEqual(shown(toVoiceGrant([alice, named])));
  });

  it('can be more than fit into a token', () => {
    const names = Array.from({ length: 1000 }, (_, index) => new IncomingScope(`client_${index}`));
    expect(toVoiceGrant(names).dropped).toHaveLength(999);
  });
});

test('the plan is deeply frozen', () => {
  const plan = toVoiceGrant([alice, new OutgoingScope(APP, { params: { a: 1 } }), new EventStreamScope()]);
  const parts = [plan, plan.voice, plan.voice.incoming, plan.voice.outgoing, plan.voice.outgoing?.params];
  for (const part of [...parts, plan.dropped, plan.dropped[0], plan.notes]) {
    expect(Object.isFrozen(part)).toBe(true);
  }
});
