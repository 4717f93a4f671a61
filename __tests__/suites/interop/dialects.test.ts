import { describe, expect, test } from '@jest/globals';
import {
  AccessTokenVerifier,
  CapabilityVerifier,
  decodeToken,
  parseScopes,
  toVoiceGrant,
  type Scope,
} from '../../../src';
import { accessTokens, vectors, type Grant } from '../../helpers/dialects';
import { apiKeySid, refusal } from '../../helpers/fixed';

/** Returns what scopes allow, in the form of the vectors. */
function grantOf(scopes: readonly Scope[]): Grant {
  const outgoing = scopes.find((scope) => scope.kind === 'outgoing');
  const eventStream = scopes.find((scope) => scope.kind === 'event-stream');
  return {
    incoming: scopes.flatMap((scope) => (scope.kind === 'incoming' ? [scope.clientName] : [])),
    outgoing: outgoing
      ? {
          applicationSid: outgoing.applicationSid,
          clientName: outgoing.clientName ?? null,
          params: outgoing.params,
        }
      : null,
    eventStream: eventStream?.filters ?? null,
  };
}

/** Absent and empty parameters are written the same way. */
const normalized = ({ outgoing, ...grant }: Grant): Grant => ({
  ...grant,
  outgoing: outgoing && { ...outgoing, params: outgoing.params ?? {} },
});

const bothFilters = { eventStream: { CallStatus: 'completed', Direction: 'inbound dial' } };
const splitParams = (applicationSid: string): Partial<Grant> => ({
  outgoing: {
    applicationSid,
    clientName: null,
    params: { user_id: '42', title: 'Tier one support', q: 'a', b: 'c', empty: '' },
  },
});

/** The readable part of tokens whose SDK lost or garbled something. */
const BEST_READING: Readonly<Record<string, Partial<Grant>>> = {
  // The token does not contain the filters.
  'node-1.1.0/event-stream-filters': { eventStream: {} },
  'node-2.11.1/event-stream-filters': { eventStream: {} },
  // The filters are the inspect text of a Ruby hash: {"CallStatus"=>"completed"}.
  'ruby-4.13.0/event-stream-filters': { eventStream: { '{"CallStatus"': '>"completed"}' } },
  // Encoded once, a=b&c in a value looks like the next parameter.
  'ruby-7.11.1/outgoing-params-ampersand': splitParams('APe91c23550c1f3c723822e41b151bfd87'),
  'elixir-ex_twilio-0.10.0/outgoing-params-ampersand': splitParams('AP6f0de3bd8553a19da945e27fed1ae26c'),
  // The second filter is outside of params, or the filters are encoded once too often. Both can be read in full.
  'ruby-7.11.1/event-stream-two-filters': bothFilters,
  'go-community-2.14.0/event-stream-filters': bothFilters,
  // The SDK kept the last of two incoming names.
  'python-9.11.0/incoming-twice': { incoming: ['support agent'] },
  // The name is not encoded. The space is read as a part of the name, but an & ends the name.
  'java-12.0.0/incoming-space': { incoming: ['support agent'] },
  'csharp-7.14.9/incoming-ampersand': { incoming: ['a'] },
};

test('there are 60 vectors: 10 differ from the request, 9 have no token', () => {
  expect(vectors).toHaveLength(60);
  const lossy = vectors.filter(({ faithful }) => !faithful);
  expect(lossy.map(({ id }) => id).sort()).toEqual(Object.keys(BEST_READING).sort());
  expect(vectors.filter(({ token }) => token === null)).toHaveLength(9);
});

describe.each(vectors)('$id', ({ id, accountSid, authToken, grant, scope, token, exp, faithful }) => {
  test(faithful ? 'gives back what was asked for' : 'gives the best reading', () => {
    const nothing: Grant = { incoming: [], outgoing: null, eventStream: null };
    const expected = faithful ? normalized(grant) : { ...nothing, ...BEST_READING[id] };
    const scopes = parseScopes(scope);
    expect(grantOf(scopes)).toEqual(expected);
    // The canonical form of the claim has the same meaning.
    expect(grantOf(parseScopes(scopes.join(' ')))).toEqual(expected);
  });

  test('maps to the Access Token that was asked for', () => {
    const scopes = parseScopes(scope);
    const { identity, voice, dropped, notes } = toVoiceGrant(scopes);
    // Each scope is either granted or listed, and has a note if it is listed.
    const granted = Object.keys(voice).length;
    expect(dropped.filter(({ part }) => part === 'scope')).toHaveLength(scopes.length - granted);
    expect(notes.length).toBeGreaterThanOrEqual(dropped.length);
    if (!faithful) return;
    const { incoming, outgoing: asked, eventStream } = grant;
    expect(identity).toBe(incoming[0] ?? asked?.clientName ?? null);
    expect(voice).toStrictEqual({
      ...(incoming.length > 0 && { incoming: { allow: true } }),
      ...(asked && {
        outgoing: { application_sid: asked.applicationSid, ...(asked.params && { params: asked.params }) },
      }),
    });
    const seconds = incoming.slice(1).map(() => ['incoming', 'scope']);
    const stream = eventStream === null ? [] : [['event-stream', 'scope']];
    expect(dropped.map(({ scope: { kind }, part }) => [kind, part])).toStrictEqual([...seconds, ...stream]);
  });

  if (token === null || exp === null) return;

  test('verifies with its secret until it expires, and with no other', () => {
    const verify = (now: number, secret = authToken) =>
      new CapabilityVerifier({ accountSid, authToken: secret, now: () => now * 1000 }).verify(token);
    const scopes = parseScopes(scope);
    const claims = { scope, exp };
    expect(verify(exp - 1)).toMatchObject({ accountSid, expiresAt: new Date(exp * 1000), claims, scopes });
    expect(verify(exp - 86_400).scopes).toEqual(scopes);
    expect(refusal(() => verify(exp))).toBe('TokenError ERR_TOKEN_EXPIRED exp');
    expect(refusal(() => verify(exp - 86_401))).toBe('TokenError ERR_TOKEN_LIFETIME exp');
    expect(refusal(() => verify(exp - 1, `${authToken}0`))).toBe('TokenError ERR_TOKEN_SIGNATURE signature');
    expect(decodeToken(token)).toMatchObject({ kind: 'capability', accountSid, scopes });
    const access = new AccessTokenVerifier({ accountSid, apiKeySid, apiKeySecret: authToken });
    expect(refusal(() => access.verify(token))).toBe('TokenError ERR_TOKEN_HEADER cty');
  });
});

describe.each(accessTokens)('$id', ({ accountSid, apiKeySid, apiKeySecret, token, payload, ...asked }) => {
  test('verifies with its key, and gives back what was asked for', () => {
    const { identity, voice, region } = asked;
    const now = (): number => (payload.exp - 3600) * 1000;
    const verified = new AccessTokenVerifier({ accountSid, apiKeySid, apiKeySecret, now }).verify(token);
    const date = (seconds: number | undefined) => seconds && new Date(seconds * 1000);
    const { outgoingApplicationSid: applicationSid, outgoingParams } = voice;
    expect(verified).toMatchObject({
      identity,
      clientNames: voice.incomingAllow ? [identity] : [],
      outgoing: applicationSid === null ? undefined : { applicationSid, clientName: identity },
      region: region ?? undefined,
      expiresAt: date(payload.exp),
      issuedAt: date(payload.iat),
      notBefore: date(payload.nbf),
    });
    expect(verified.outgoing?.params ?? {}).toStrictEqual(outgoingParams ?? {});
    expect(verified.claims).toStrictEqual(payload);
    expect(decodeToken(token)).toMatchObject({ kind: 'access-token', identity, accountSid, apiKeySid });
    const strict = new CapabilityVerifier({ accountSid, authToken: apiKeySecret });
    expect(refusal(() => strict.verify(token))).toBe('TokenError ERR_TOKEN_HEADER cty');
  });
});
