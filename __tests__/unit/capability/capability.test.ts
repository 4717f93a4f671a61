import { afterEach, describe, expect, test } from '@jest/globals';
import {
  Capability,
  CapabilitySigner,
  configure,
  EventStreamScope,
  IncomingScope,
  OutgoingScope,
  type Scope,
} from '../../../src';
import { applicationSid, config, NOW, refusal } from '../../helpers/fixed';

const signer = new CapabilitySigner(config);
const build = (): Capability => new Capability(config);

afterEach(() => {
  configure({});
});

describe('allow', () => {
  test('returns the capability and adds a scope', () => {
    const capability = build()
      .allowClientIncoming('front desk', { allowAnyName: true })
      .allowClientOutgoing(applicationSid, { user_id: 42 }, { clientName: 'a b', allowAnyName: true })
      .allowEventStream({ a: 1 });
    expect(capability.scopes).toEqual([
      new IncomingScope('front desk', { allowAnyName: true }),
      new EventStreamScope({ a: 1 }),
      new OutgoingScope(applicationSid, { params: { user_id: 42 }, clientName: 'a b', allowAnyName: true }),
    ]);
  });

  test.each<[string, (capability: Capability) => unknown, string]>([
    ['a bad client name', (c) => c.allowClientIncoming('a b'), 'ScopeError ERR_SCOPE_INVALID clientName'],
    [
      'null as params',
      (c) => c.allowClientOutgoing('AP1', null as never),
      'ScopeError ERR_SCOPE_INVALID params',
    ],
    [
      'an outgoing name with a space',
      (c) => c.allowClientOutgoing('AP1', {}, { clientName: 'a b' }),
      'ScopeError ERR_SCOPE_INVALID clientName',
    ],
    [
      'params among the options',
      (c) => c.allowClientOutgoing('AP1', {}, { params: {} } as never),
      'ConfigError ERR_OPTIONS_INVALID params',
    ],
    ['null as filters', (c) => c.allowEventStream(null as never), 'ScopeError ERR_SCOPE_INVALID filters'],
    [
      'null as outgoing name',
      (c) => c.allowClientOutgoing('AP1', {}, { clientName: null as never }),
      'ScopeError ERR_SCOPE_INVALID clientName',
    ],
  ])('rejects %s and adds nothing', (_, allow, refused) => {
    const capability = build().allowClientIncoming('alice');
    expect(refusal(() => allow(capability))).toBe(refused);
    expect(capability.scopes).toEqual([new IncomingScope('alice')]);
  });
});

describe('the name of an outgoing scope', () => {
  const linked = new OutgoingScope('AP1', { clientName: 'alice', params: { a: 1 } });

  test.each<[string, (capability: Capability) => unknown, Scope[]]>([
    [
      'is the incoming name allowed before',
      (c) => c.allowClientIncoming('alice').allowClientOutgoing('AP1', { a: 1 }),
      [new IncomingScope('alice'), linked],
    ],
    [
      'is the incoming name allowed after',
      (c) => c.allowClientOutgoing('AP1', { a: 1 }).allowClientIncoming('alice'),
      [new IncomingScope('alice'), linked],
    ],
    [
      'is the last incoming name',
      (c) => c.allowClientIncoming('bob').allowClientOutgoing('AP1', { a: 1 }).allowClientIncoming('alice'),
      [new IncomingScope('bob'), new IncomingScope('alice'), linked],
    ],
    [
      'is any valid incoming name',
      (c) => c.allowClientIncoming('a b', { allowAnyName: true }).allowClientOutgoing('AP1'),
      [
        new IncomingScope('a b', { allowAnyName: true }),
        new OutgoingScope('AP1', { clientName: 'a b', allowAnyName: true }),
      ],
    ],
    [
      'is any valid incoming name allowed after',
      (c) => c.allowClientOutgoing('AP1').allowClientIncoming('a b', { allowAnyName: true }),
      [
        new IncomingScope('a b', { allowAnyName: true }),
        new OutgoingScope('AP1', { clientName: 'a b', allowAnyName: true }),
      ],
    ],
    [
      'is the clientName of the call, if set',
      (c) => c.allowClientIncoming('bob').allowClientOutgoing('AP1', { a: 1 }, { clientName: 'alice' }),
      [new IncomingScope('bob'), linked],
    ],
    [
      'is absent without an incoming name',
      (c) => c.allowClientOutgoing('AP1').allowEventStream(),
      [new EventStreamScope(), new OutgoingScope('AP1')],
    ],
  ])('%s', (_, allow, scopes) => {
    const capability = build();
    allow(capability);
    expect(capability.scopes).toEqual(scopes);
    expect(capability.generate()).toBe(signer.sign(scopes));
  });
});

test('scopes is a read-only view', () => {
  const capability = build();
  const { scopes } = capability;
  expect(Object.isFrozen(scopes)).toBe(true);
  capability.allowClientIncoming('alice');
  expect(scopes).toEqual([]);
  expect(capability.scopes).toEqual([new IncomingScope('alice')]);
});

describe('generate', () => {
  const alice = new IncomingScope('alice');
  const capability = (more = {}) => new Capability({ ...config, ...more }).allowClientIncoming('alice');

  test('signs for an hour by default, or for the ttl of the config', () => {
    expect(capability().generate()).toBe(signer.sign(alice, { ttl: 3600 }));
    expect(capability({ ttl: 5 }).generate()).toBe(signer.sign(alice, { ttl: 5 }));
    configure({ ...config, ttl: 7 });
    expect(new Capability().allowClientIncoming('alice').generate()).toBe(signer.sign(alice, { ttl: 7 }));
  });

  test.each([600, { ttl: 600 }, { expiresAt: new Date((NOW + 600) * 1000) }])(
    'signs for ten minutes with %p',
    (ttl) => {
      expect(capability().generate(ttl)).toBe(signer.sign(alice, { ttl: 600 }));
    },
  );

  test.each<[unknown, string]>([
    [0, 'ERR_TTL_INVALID ttl'],
    [NaN, 'ERR_TTL_INVALID ttl'],
    ['600', 'ERR_TTL_INVALID ttl'],
    [{ ttl: 0 }, 'ERR_TTL_INVALID ttl'],
    [{ expiresIn: 600 }, 'ERR_OPTIONS_INVALID expiresIn'],
    [null, 'ERR_OPTIONS_INVALID options'],
    [new Date(), 'ERR_OPTIONS_INVALID options'],
  ])('rejects %p', (ttl, refused) => {
    expect(refusal(() => capability().generate(ttl as never))).toBe(`ConfigError ${refused}`);
  });

  test('rejects an empty capability and a repeated application', () => {
    expect(refusal(() => build().generate())).toBe('ScopeError ERR_NO_SCOPES scopes');
    const twice = build().allowClientOutgoing('AP1').allowClientOutgoing('AP1', { a: 1 });
    expect(refusal(() => twice.generate())).toBe('ScopeError ERR_DUPLICATE_SCOPE scopes');
  });

  test('seals the capability, which can still sign again', () => {
    const sealed = capability();
    const token = sealed.generate();
    for (const allow of [
      () => sealed.allowClientIncoming('bob'),
      () => sealed.allowClientOutgoing('AP1'),
      () => sealed.allowEventStream(),
    ]) {
      expect(refusal(allow)).toBe('ScopeError ERR_CAPABILITY_SEALED');
    }
    expect(sealed.generate()).toBe(token);
    expect(sealed.generate(600)).toBe(signer.sign(alice, { ttl: 600 }));
  });

  test('does not seal the capability if it throws', () => {
    const capability = build();
    refusal(() => capability.generate());
    expect(capability.allowClientIncoming('alice').generate()).toBe(signer.sign(alice));
  });
});

test('leaves an outgoing name of its own as it is, whichever was allowed first', () => {
  const capability = build()
    .allowClientOutgoing(applicationSid, {}, { clientName: 'desk' })
    .allowClientIncoming('alice');
  expect(String(capability.scopes[1])).toBe(`scope:client:outgoing?appSid=${applicationSid}&clientName=desk`);
});
