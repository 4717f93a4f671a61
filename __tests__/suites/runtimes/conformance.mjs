/* global Request */
/**
 * Calls everything that must behave the same on each runtime, and returns the results as JSON. The modules
 * are parameters, since a bundler, `import` and `require` load them in different ways.
 */
export async function conform({ library, testing, web }) {
  const { CapabilitySigner, CapabilityVerifier, AccessTokenVerifier, OutgoingScope, IncomingScope } = library;
  const { createFixtures, fixedClock, testApiKey, testApplicationSid, testCredentials } = testing;
  const now = fixedClock();
  const signer = new CapabilitySigner({ ...testCredentials, now });
  const verifier = new CapabilityVerifier({ ...testCredentials, now });
  const scopes = [
    new IncomingScope(library.encodeClientName('zoë@example.com')),
    new OutgoingScope(testApplicationSid, {
      params: { name: 'Zoë & 😀', plus: 'a+b=c', vip: true, n: -0.5 },
    }),
    new library.EventStreamScope({ CallStatus: 'completed' }),
  ];
  const token = signer.sign(scopes, { ttl: 600 });
  const verified = verifier.verify(token);
  const fixtures = createFixtures();

  const answer = web.tokenEndpoint((request) => {
    const name = request.headers.get('x-user');
    return name === null ? null : signer.issue(new IncomingScope(name));
  });
  const ask = async (method, name) => {
    const headers = name === undefined ? {} : { 'x-user': name };
    const response = await answer(new Request('http://localhost/token', { method, headers }));
    return [response.status, response.headers.get('cache-control'), await response.text()];
  };

  return {
    token,
    verified: {
      scopes: verified.scopes.map(String),
      name: library.decodeClientName(verified.clientNames[0]),
      params: verified.outgoing.params,
      expiresAt: verified.expiresAt.toISOString(),
    },
    fixtures: Object.fromEntries(
      Object.values(fixtures).map(({ name, token }) => [
        name,
        { token, outcome: outcomeOf(() => verifier.verify(token)) },
      ]),
    ),
    accessToken: new AccessTokenVerifier({ ...testApiKey, now }).verify(fixtures.accessToken.token).identity,
    refused: {
      name: outcomeOf(() => new IncomingScope('zoë')),
      ttl: outcomeOf(() => signer.sign(scopes, { ttl: 0 })),
      proxy: outcomeOf(() => new OutgoingScope('AP123', { params: new Proxy({ a: 1 }, {}) })),
      surrogate: outcomeOf(() => new OutgoingScope('AP123', { params: { half: '\ud83d' } })),
      swapped: outcomeOf(() => new CapabilitySigner({ accountSid: 'secret', authToken: 'AC123' })),
      option: outcomeOf(() => new CapabilitySigner({ ...testCredentials, tll: 600 })),
    },
    web: {
      minted: await ask('POST', 'alice'),
      refused: await ask('POST'),
      wrongMethod: await ask('GET', 'alice'),
    },
  };
}

/** Returns `valid`, the code of a library error, or the text of another error. */
function outcomeOf(act) {
  try {
    act();
    return 'valid';
  } catch (error) {
    return error.code === undefined ? String(error) : error.code;
  }
}
