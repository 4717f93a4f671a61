import { expect, test } from '@jest/globals';
import express, { type Request } from 'express';
import { expectTypeOf } from 'expect-type';
import type * as z from 'zod/mini';
import {
  AccessTokenSigner,
  Capability,
  CapabilityError,
  CapabilitySigner,
  CapabilityVerifier,
  configure,
  decodeToken,
  EventStreamScope,
  IncomingScope,
  OutgoingScope,
  type AccessTokenConfig,
  type AccessTokenSignOptions,
  type AccessTokenVerifierConfig,
  type AnyCapabilityError,
  type CapabilityConfig,
  type CapabilityVerifierConfig,
  type ConfigError,
  type DecodedAccessToken,
  type DecodedCapability,
  type IncomingScopeOptions,
  type OutgoingScopeOptions,
  type Scope,
  type ScopeError,
  type SignOptions,
  type TokenError,
  type VerifiedCapability,
} from '../../src';
import type { accessTokenConfigSchema } from '../../src/access-token/access-token-signer';
import type { oneKeySchema, severalKeysSchema } from '../../src/access-token/access-token-verifier';
import type { capabilityConfigSchema } from '../../src/capability/capability-signer';
import type { verifierConfigSchema } from '../../src/capability/capability-verifier';
import { tokenEndpoint } from '../../src/endpoint/express';

/*
 * The compiler runs these tests: `npm run typecheck`. Every line must compile, except after `@ts-expect-error`. None of
 * this code runs. What must compile is in __tests__/suites/package/consumers, against the packed library.
 */

/** The input of a schema, all of it optional: a config may leave it out. */
type Loose<T> = { readonly [K in keyof T]?: T[K] | undefined };
/** The same type with undefined allowed for every optional property. */
type Widened<T> = { [K in keyof T]: object extends Pick<T, K> ? T[K] | undefined : T[K] };
type Spread<T> = { [K in keyof T]: T[K] };

function schemas(): void {
  type OneKey = z.input<typeof oneKeySchema>;
  type Signer = z.input<typeof capabilityConfigSchema>;
  type Verifier = z.input<typeof verifierConfigSchema>;
  type Access = z.input<typeof accessTokenConfigSchema>;
  expectTypeOf<CapabilityConfig>().toExtend<Loose<Signer>>();
  expectTypeOf<Loose<Signer>>().toExtend<CapabilityConfig>();
  expectTypeOf<CapabilityVerifierConfig>().toExtend<Loose<Verifier>>();
  expectTypeOf<Loose<Verifier>>().toExtend<CapabilityVerifierConfig>();
  expectTypeOf<AccessTokenConfig>().toExtend<Loose<Access>>();
  expectTypeOf<Omit<AccessTokenVerifierConfig, 'apiKeys'>>().toExtend<Loose<OneKey>>();
  expectTypeOf<Loose<OneKey>>().toExtend<AccessTokenVerifierConfig>();
  expectTypeOf<readonly z.output<typeof severalKeysSchema>['apiKeys'][number][]>().toExtend<
    NonNullable<AccessTokenVerifierConfig['apiKeys']>
  >();
  expectTypeOf<keyof CapabilityConfig>().toEqualTypeOf<keyof Signer>();
  expectTypeOf<keyof CapabilityVerifierConfig>().toEqualTypeOf<keyof Verifier>();
  expectTypeOf<keyof AccessTokenConfig>().toEqualTypeOf<keyof Access>();
  expectTypeOf<keyof AccessTokenVerifierConfig>().toEqualTypeOf<keyof OneKey>();
}

/** Optional properties accept undefined under exactOptionalPropertyTypes. */
function optionalProperties(): void {
  expectTypeOf<Widened<CapabilityConfig>>().toEqualTypeOf<Spread<CapabilityConfig>>();
  expectTypeOf<Widened<CapabilityVerifierConfig>>().toEqualTypeOf<Spread<CapabilityVerifierConfig>>();
  expectTypeOf<Widened<AccessTokenConfig>>().toEqualTypeOf<Spread<AccessTokenConfig>>();
  expectTypeOf<Widened<AccessTokenVerifierConfig>>().toEqualTypeOf<Spread<AccessTokenVerifierConfig>>();
  expectTypeOf<Widened<SignOptions>>().toEqualTypeOf<SignOptions>();
  expectTypeOf<Widened<AccessTokenSignOptions>>().toEqualTypeOf<Spread<AccessTokenSignOptions>>();
  expectTypeOf<Widened<IncomingScopeOptions>>().toEqualTypeOf<IncomingScopeOptions>();
  expectTypeOf<Widened<OutgoingScopeOptions>>().toEqualTypeOf<Spread<OutgoingScopeOptions>>();
}

declare const signer: CapabilitySigner;
declare const access: AccessTokenSigner;
declare const capability: Capability;
declare const scope: Scope;
declare const error: AnyCapabilityError;

/** What the declarations reject beyond the type of a single property. */
function rejected(): void {
  new CapabilityVerifier({ authToken: ['primary', 'secondary'] as const, now: Date.now });
  // @ts-expect-error -- a signer has one secret
  new CapabilitySigner({ authToken: ['primary'] });
  // @ts-expect-error -- a verifier has no ttl
  new CapabilityVerifier({ ttl: 600 });
  // @ts-expect-error -- a config is needed
  configure();
  // @ts-expect-error -- an Access Token is signed with an API key
  new AccessTokenSigner({ authToken: 'x' });
  // @ts-expect-error -- the account is readonly
  signer.accountSid = 'AC2';
  // @ts-expect-error -- the view is readonly
  capability.scopes[0] = scope;
  // @ts-expect-error -- scopes are immutable
  new IncomingScope('alice').clientName = 'bob';
  // @ts-expect-error -- params are immutable
  new OutgoingScope('AP1').params['a'] = 'x';
  // @ts-expect-error -- strings are not scopes
  signer.sign(['scope:client:incoming?clientName=alice']);
  // @ts-expect-error -- a grant is an object
  access.sign(scope, { grants: { chat: 'IS1' } });
  // @ts-expect-error -- an abstract class
  new CapabilityError('');
}

function params(): void {
  // @ts-expect-error -- a value is not undefined
  new OutgoingScope('AP1', { params: { a: undefined } });
  // @ts-expect-error -- a value is not an array
  capability.allowEventStream({ a: ['x'] });
  // @ts-expect-error -- params are not a string
  capability.allowClientOutgoing('AP1', 'a=1');
  // @ts-expect-error -- params are not an array
  new EventStreamScope(['a=1']);
  // @ts-expect-error -- params are not a Map
  new EventStreamScope(new Map([['a', 'x']]));
}

/** `kind` and `code` narrow a union to one of its types. */
function unions(): void {
  expectTypeOf<Scope['kind']>().toEqualTypeOf<'incoming' | 'outgoing' | 'event-stream' | 'other'>();
  if (scope.kind === 'outgoing') expectTypeOf(scope.clientName).toEqualTypeOf<string | undefined>();

  const decoded = decodeToken('');
  expectTypeOf(decoded).toEqualTypeOf<DecodedCapability | DecodedAccessToken>();
  expectTypeOf(decoded.expiresAt).toEqualTypeOf<Date | undefined>();
  // @ts-expect-error -- decoded contents are not verified contents
  const unverified: VerifiedCapability = decoded;
  expectTypeOf(unverified).toExtend<VerifiedCapability>();
  // @ts-expect-error -- a capability token has no other grants
  if (decoded.kind === 'capability') String(decoded.otherGrants);

  if (error.code === 'ERR_CONFIG_INVALID') expectTypeOf(error).toEqualTypeOf<ConfigError>();
  if (error.code === 'ERR_SCOPE_INVALID') expectTypeOf(error).toEqualTypeOf<ScopeError>();
  if (error.code === 'ERR_TOKEN_EXPIRED') expectTypeOf(error).toEqualTypeOf<TokenError>();
  // @ts-expect-error -- an unknown code
  if (error.code === 'ERR_TOKEN_OLD') return;
}

function endpoints(): void {
  // Express infers the parameters of the path.
  express().post(
    '/rooms/:room/token',
    tokenEndpoint((req: Request<{ room: string }>) => signer.issue(new IncomingScope(req.params.room))),
  );
  // @ts-expect-error -- a string is not a request
  tokenEndpoint((req: string) => signer.issue(new IncomingScope(req)));
}

test('only tsc checks these functions', () => {
  expect([schemas, optionalProperties, rejected, params, unions, endpoints]).toHaveLength(6);
});
