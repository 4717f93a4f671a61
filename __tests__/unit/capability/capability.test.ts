import { afterEach, describe, expect, test } from '@jest/globals';
import {
  Capability,
  CapabilitySigner,
  configure,
  EventStreamScope,
  IncomingScope,
  OutgoingScope,
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

  const call = (options: unknown) => build().allowClientOutgoing('AP1', {}, options as never);
  test.each<[string, () => unknown]>([
    ['ScopeError ERR_SCOPE_INVALID clientName', () => call({ clientName: 'a b' })],
    ['ConfigError ERR_OPTIONS_INVALID allowAnyName', () => call({ allowAnyName: 'false' })],
    ['ConfigError ERR_OPTIONS_INVALID params', () => call({ params: {} })],
    ['ScopeError ERR_SCOPE_INVALID params', () => build().allowClientOutgoing('AP1', null as never)],
    ['ScopeError ERR_SCOPE_INVALID filters', () => build().allowEventStream(null as never)],
  ])('throws %s: case %#', (refused, allow) => {
    expect(refusal(allow)).toBe(refused);
  });

  test('adds nothing if it throws', () => {
    const capability = build().allowClientIncoming('alice').allowClientOutgoing('AP1');
    const scopes = capability.scopes;
    expect(refusal(() => capability.allowClientIncoming('a b'))).toBe(
      'ScopeError ERR_SCOPE_INVALID clientName',
    );
    expect(capability.scopes).toEqual(scopes);
  });
});

describe('the name of an outgoing scope', () => {
  const any = { allowAnyName: true };

  test.each<[string, string[], string | undefined, string | undefined]>([
    ['is the incoming name allowed before', ['alice', 'AP1'], 'alice', undefined],
    ['is the incoming name allowed after', ['AP1', 'alice'], 'alice', undefined],
    ['is the last incoming name', ['bob', 'AP1', 'alice'], 'alice', undefined],
    ['is any incoming name allowed before', ['a b', 'AP1'], 'a b', undefined],
    ['is any incoming name allowed after', ['AP1', 'a b'], 'a b', undefined],
    ['is its own, with an incoming name before', ['alice', 'AP1'], 'desk', 'desk'],
    ['is its own, with an incoming name after', ['AP1', 'alice'], 'desk', 'desk'],
    ['is absent without an incoming name', ['AP1'], undefined, undefined],
  ])('%s', (_, calls, clientName, own) => {
    const capability = build();
    const names = calls.filter((call) => call !== 'AP1');
    for (const call of calls) {
      if (call === 'AP1') capability.allowClientOutgoing(call, { a: 1 }, { clientName: own });
      else capability.allowClientIncoming(call, any);
    }
    const scopes = [
      ...names.map((name) => new IncomingScope(name, any)),
      new OutgoingScope('AP1', { clientName, params: { a: 1 }, ...any }),
    ];
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
    ['600', 'ERR_TTL_INVALID ttl'],
    [null, 'ERR_OPTIONS_INVALID options'],
  ])('rejects %p', (ttl, refused) => {
    expect(refusal(() => capability().generate(ttl as never))).toBe(`ConfigError ${refused}`);
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
    expect(refusal(() => capability.generate())).toBe('ScopeError ERR_NO_SCOPES scopes');
    expect(capability.allowClientIncoming('alice').generate()).toBe(signer.sign(alice));
  });
});
