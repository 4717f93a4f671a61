import { expect, test } from '@jest/globals';
import { expectTypeOf } from 'expect-type';
import type * as z from 'zod/mini';
import {
  AccessTokenSigner,
  AccessTokenVerifier,
  Capability,
  CapabilityError,
  CapabilitySigner,
  CapabilityVerifier,
  configure,
  decodeToken,
  EventStreamScope,
  IncomingScope,
  OutgoingScope,
  parseScope,
  parseScopes,
  type AccessTokenConfig,
  type AccessTokenSignOptions,
  type AccessTokenVerifierConfig,
  type AnyCapabilityError,
  type CapabilityConfig,
  type ConfigError,
  type DecodedAccessToken,
  type DecodedCapability,
  type ErrorCode,
  type IncomingScopeOptions,
  type IssuedAccessToken,
  type IssuedToken,
  type OutgoingScopeOptions,
  type OtherScope,
  type Scope,
  type ScopeError,
  type SignOptions,
  type TokenError,
  type VerifiedCapability,
  type CapabilityVerifierConfig,
} from '../../src';
import type { accessTokenConfigSchema } from '../../src/access-token/access-token-signer';
import type { oneKeySchema, severalKeysSchema } from '../../src/access-token/access-token-verifier';
import type { capabilityConfigSchema } from '../../src/capability/capability-signer';
import type { verifierConfigSchema } from '../../src/capability/capability-verifier';

/*
 * The compiler runs these tests: `npm run typecheck`. Every line must compile, except after
 * `@ts-expect-error`. None of this code runs.
 */
interface UserParams {
  user_id: number;
  name: string;
  vip?: boolean;
}
declare const user: UserParams;
declare const signer: CapabilitySigner;
declare const verifier: CapabilityVerifier;
declare const capability: Capability;
declare const scope: Scope;
declare const error: AnyCapabilityError;

function configs(): void {
  // Optional properties accept undefined under exactOptionalPropertyTypes.
  const accountSid = process.env['TWILIO_ACCOUNT_SID'];
  const authToken = process.env['TWILIO_AUTH_TOKEN'];
  new CapabilitySigner({ accountSid, authToken, ttl: undefined, now: undefined });
  new Capability({ accountSid, authToken });
  new CapabilityVerifier({ accountSid, authToken, clockTolerance: undefined });
  configure({ accountSid, authToken });
  new CapabilitySigner();
  new CapabilitySigner({});
  new CapabilityVerifier({ authToken: ['primary', 'secondary'] as const, now: Date.now });

  // @ts-expect-error -- a wrong name
  new CapabilitySigner({ accountSID: 'AC1' });
  // @ts-expect-error -- a ttl is a number
  new CapabilitySigner({ ttl: '600' });
  // @ts-expect-error -- null is not a value
  new CapabilitySigner({ authToken: null });
  // @ts-expect-error -- a signer has one secret
  new CapabilitySigner({ authToken: ['primary'] });
  // @ts-expect-error -- a verifier has no ttl
  new CapabilityVerifier({ ttl: 600 });
  // @ts-expect-error -- a config is needed
  configure();
  // @ts-expect-error -- the secret cannot be read back
  String(signer.authToken);
  // @ts-expect-error -- the account is readonly
  signer.accountSid = 'AC2';
}

/** The input of a schema, all of it optional: a config may leave it out. */
type Loose<T> = { readonly [K in keyof T]?: T[K] | undefined };
/** The same type with undefined allowed for every optional property. */
type Widened<T> = { [K in keyof T]: object extends Pick<T, K> ? T[K] | undefined : T[K] };
type Spread<T> = { [K in keyof T]: T[K] };

function schemas(): void {
  expectTypeOf<CapabilityConfig>().toExtend<Loose<z.input<typeof capabilityConfigSchema>>>();
  expectTypeOf<Loose<z.input<typeof capabilityConfigSchema>>>().toExtend<CapabilityConfig>();
  expectTypeOf<CapabilityVerifierConfig>().toExtend<Loose<z.input<typeof verifierConfigSchema>>>();
  expectTypeOf<Loose<z.input<typeof verifierConfigSchema>>>().toExtend<CapabilityVerifierConfig>();
  expectTypeOf<AccessTokenConfig>().toExtend<Loose<z.input<typeof accessTokenConfigSchema>>>();
  expectTypeOf<Omit<AccessTokenVerifierConfig, 'apiKeys'>>().toExtend<Loose<z.input<typeof oneKeySchema>>>();
  expectTypeOf<Loose<z.input<typeof oneKeySchema>>>().toExtend<AccessTokenVerifierConfig>();
  expectTypeOf<readonly z.output<typeof severalKeysSchema>['apiKeys'][number][]>().toExtend<
    NonNullable<AccessTokenVerifierConfig['apiKeys']>
  >();
  expectTypeOf<keyof CapabilityConfig>().toEqualTypeOf<keyof z.input<typeof capabilityConfigSchema>>();
  expectTypeOf<keyof CapabilityVerifierConfig>().toEqualTypeOf<keyof z.input<typeof verifierConfigSchema>>();
  expectTypeOf<keyof AccessTokenConfig>().toEqualTypeOf<keyof z.input<typeof accessTokenConfigSchema>>();
  expectTypeOf<keyof AccessTokenVerifierConfig>().toEqualTypeOf<keyof z.input<typeof oneKeySchema>>();

  expectTypeOf<Widened<CapabilityConfig>>().toEqualTypeOf<Spread<CapabilityConfig>>();
  expectTypeOf<Widened<CapabilityVerifierConfig>>().toEqualTypeOf<Spread<CapabilityVerifierConfig>>();
  expectTypeOf<Widened<AccessTokenConfig>>().toEqualTypeOf<Spread<AccessTokenConfig>>();
  expectTypeOf<Widened<AccessTokenVerifierConfig>>().toEqualTypeOf<Spread<AccessTokenVerifierConfig>>();
  expectTypeOf<Widened<SignOptions>>().toEqualTypeOf<SignOptions>();
  expectTypeOf<Widened<AccessTokenSignOptions>>().toEqualTypeOf<Spread<AccessTokenSignOptions>>();
  expectTypeOf<Widened<IncomingScopeOptions>>().toEqualTypeOf<IncomingScopeOptions>();
  expectTypeOf<Widened<OutgoingScopeOptions>>().toEqualTypeOf<Spread<OutgoingScopeOptions>>();
}

function accessTokens(): void {
  const access = new AccessTokenSigner({
    accountSid: process.env['SID'],
    grants: { chat: { service_sid: 'IS1' } },
  });
  access.sign(scope, {
    identity: 'alice',
    dropUnmappable: true,
    allowAnyIdentity: undefined,
    grants: undefined,
  });
  expectTypeOf(access.issue(scope)).toEqualTypeOf<IssuedAccessToken>();
  expectTypeOf<IssuedAccessToken['identity']>().toBeString();
  // @ts-expect-error -- an Access Token is signed with an API key
  new AccessTokenSigner({ authToken: 'x' });
  // @ts-expect-error -- a grant is an object
  access.sign(scope, { grants: { chat: 'IS1' } });
  // @ts-expect-error -- an identity is a string
  access.sign(scope, { identity: 42 });
  // @ts-expect-error -- the verifier has one secret
  new AccessTokenVerifier({ apiKeySecret: ['a'] });

  const decoded = decodeToken('');
  if (decoded.kind === 'access-token') {
    expectTypeOf(decoded).toEqualTypeOf<DecodedAccessToken>();
    expectTypeOf(decoded.identity).toEqualTypeOf<string | undefined>();
    expectTypeOf(decoded.otherGrants).toEqualTypeOf<readonly string[]>();
  } else {
    expectTypeOf(decoded).toEqualTypeOf<DecodedCapability>();
    // @ts-expect-error -- a capability token has no other grants
    String(decoded.otherGrants);
  }
}

function params(): void {
  new OutgoingScope('AP1', { params: { user_id: 42, name: 'Alice', vip: true } });
  new OutgoingScope('AP1', { params: user });
  new EventStreamScope(user);
  capability.allowClientOutgoing('AP1', user).allowEventStream({ a: 1 });
  capability.allowClientOutgoing('AP1', undefined, { clientName: 'alice', allowAnyName: undefined });
  new OutgoingScope('AP1', { params: undefined, clientName: undefined, allowAnyName: undefined });

  // @ts-expect-error -- null does not mean absent
  new OutgoingScope('AP1', { params: null });
  // @ts-expect-error -- a value is not null
  new OutgoingScope('AP1', { params: { a: null } });
  // @ts-expect-error -- a value is not undefined
  new OutgoingScope('AP1', { params: { a: undefined } });
  // @ts-expect-error -- a value is not an object
  new OutgoingScope('AP1', { params: { a: { b: 1 } } });
  // @ts-expect-error -- a value is not a Date
  new OutgoingScope('AP1', { params: { a: new Date() } });
  // @ts-expect-error -- a value is not a bigint
  capability.allowClientOutgoing('AP1', { a: 5n });
  // @ts-expect-error -- a value is not an array
  capability.allowEventStream({ a: ['x'] });
  // @ts-expect-error -- params are not a string
  capability.allowClientOutgoing('AP1', 'a=1');
  // @ts-expect-error -- params are not an array
  new EventStreamScope(['a=1']);
  // @ts-expect-error -- params are not a Map
  new EventStreamScope(new Map([['a', 'x']]));
}

function scopes(): void {
  // @ts-expect-error -- a name is needed
  new IncomingScope();
  // @ts-expect-error -- a name is a string
  new IncomingScope(42);
  // @ts-expect-error -- a wrong option
  new IncomingScope('alice', { anyName: true });
  // @ts-expect-error -- a wrong option
  new OutgoingScope('AP1', { name: 'alice' });
  // @ts-expect-error -- scopes are immutable
  new IncomingScope('alice').clientName = 'bob';
  // @ts-expect-error -- params are immutable
  new OutgoingScope('AP1').params['a'] = 'x';
  // @ts-expect-error -- only parseScope creates it
  new OtherScope();

  expectTypeOf(parseScope).toEqualTypeOf<(uri: string) => Scope>();
  expectTypeOf(parseScopes).toEqualTypeOf<(claim: string) => Scope[]>();
  expectTypeOf(new OutgoingScope('AP1', { params: { a: 1 } })).toExtend<Scope>();
  expectTypeOf(new OutgoingScope('AP1').params).toEqualTypeOf<Readonly<Record<string, string>>>();
  expectTypeOf<Scope['kind']>().toEqualTypeOf<'incoming' | 'outgoing' | 'event-stream' | 'other'>();
  switch (scope.kind) {
    case 'incoming':
      expectTypeOf(scope).toEqualTypeOf<IncomingScope>();
      break;
    case 'outgoing':
      expectTypeOf(scope).toEqualTypeOf<OutgoingScope>();
      expectTypeOf(scope.clientName).toEqualTypeOf<string | undefined>();
      break;
    case 'event-stream':
      expectTypeOf(scope).toEqualTypeOf<EventStreamScope>();
      break;
    case 'other':
      expectTypeOf(scope).toEqualTypeOf<OtherScope>();
      break;
    default:
      expectTypeOf(scope).toBeNever();
  }
}

function signing(): void {
  signer.sign(scope);
  signer.sign([scope]);
  signer.sign(new Set([new IncomingScope('alice')]), { ttl: 600 });
  signer.sign(scope, { expiresAt: new Date(), ttl: undefined });
  // @ts-expect-error -- a string is not a scope
  signer.sign('scope:client:incoming?clientName=alice');
  // @ts-expect-error -- strings are not scopes
  signer.sign(['scope:client:incoming?clientName=alice']);
  // @ts-expect-error -- not an instance of a scope class
  signer.sign({ kind: 'incoming', clientName: 'alice', toString: () => '', toJSON: () => '' });
  // @ts-expect-error -- options are not a number
  signer.sign(scope, 600);
  // @ts-expect-error -- a wrong name
  signer.sign(scope, { expiresIn: 600 });
  // @ts-expect-error -- expiresAt is a Date
  signer.sign(scope, { expiresAt: 1_700_000_000 });

  capability.generate();
  capability.generate(600);
  capability.generate({ ttl: 600 });
  capability.generate({ expiresAt: new Date() });
  // @ts-expect-error -- a ttl is not a string
  capability.generate('600');
  // @ts-expect-error -- the view is readonly
  capability.scopes[0] = scope;

  expectTypeOf(signer.sign(scope)).toBeString();
  expectTypeOf(signer.issue(scope)).toEqualTypeOf<IssuedToken>();
  expectTypeOf<IssuedToken['clientName']>().toEqualTypeOf<string | undefined>();
  expectTypeOf<Parameters<CapabilitySigner['sign']>[1]>().toEqualTypeOf<SignOptions | undefined>();
  expectTypeOf<ConstructorParameters<typeof Capability>[0]>().toEqualTypeOf<CapabilityConfig | undefined>();
  expectTypeOf<ConstructorParameters<typeof CapabilityVerifier>[0]>().toEqualTypeOf<
    CapabilityVerifierConfig | undefined
  >();
}

function reading(): void {
  const verified = verifier.verify('');
  expectTypeOf(verified).toEqualTypeOf<VerifiedCapability>();
  expectTypeOf(verified.outgoing).toEqualTypeOf<OutgoingScope | undefined>();
  expectTypeOf(verified.scopes).toEqualTypeOf<readonly Scope[]>();
  expectTypeOf(verified.expiresAt).toEqualTypeOf<Date>();
  expectTypeOf(verified.claims).toEqualTypeOf<Readonly<Record<string, unknown>>>();
  expectTypeOf(decodeToken('').expiresAt).toEqualTypeOf<Date | undefined>();
  expectTypeOf(decodeToken('').accountSid).toEqualTypeOf<string | undefined>();
  // @ts-expect-error -- decoded contents are not verified contents
  const unverified: VerifiedCapability = decodeToken('');
  expectTypeOf(unverified).toExtend<VerifiedCapability>();
}

function errors(): void {
  switch (error.code) {
    case 'ERR_CONFIG_INVALID':
    case 'ERR_CONFIG_MISSING':
    case 'ERR_OPTIONS_INVALID':
    case 'ERR_TTL_INVALID':
      expectTypeOf(error).toEqualTypeOf<ConfigError>();
      break;
    case 'ERR_SCOPE_INVALID':
    case 'ERR_SCOPE_MALFORMED':
    case 'ERR_NO_SCOPES':
    case 'ERR_DUPLICATE_SCOPE':
    case 'ERR_CAPABILITY_SEALED':
    case 'ERR_NOT_MAPPABLE':
      expectTypeOf(error).toEqualTypeOf<ScopeError>();
      break;
    case 'ERR_TOKEN_EXPIRED':
      expectTypeOf(error).toEqualTypeOf<TokenError>();
      expectTypeOf(error.twilioCode).toEqualTypeOf<number>();
      break;
    default:
      expectTypeOf(error).toEqualTypeOf<TokenError>();
  }
  expectTypeOf<CapabilityError['code']>().toEqualTypeOf<ErrorCode>();
  expectTypeOf<CapabilityError['field']>().toEqualTypeOf<string | undefined>();
  expectTypeOf<CapabilityError['twilioCode']>().toEqualTypeOf<number | undefined>();
  // @ts-expect-error -- an unknown code
  if (error.code === 'ERR_TOKEN_OLD') return;
  // @ts-expect-error -- an abstract class
  new CapabilityError('');
}

test('only tsc checks these functions', () => {
  const checked: readonly (() => void)[] = [configs, schemas, accessTokens, params, scopes, signing, reading];
  expect([...checked, errors]).toHaveLength(8);
});
