// Decodes a token to show what it allows. The page cannot verify it: only the server has the secret.

/**
 * @typedef {object} Permissions
 * @property {'Capability token' | 'Access Token'} kind
 * @property {string[]} receiveAs  client names for incoming calls
 * @property {string | null} callThrough  SID of the TwiML app for outgoing calls
 * @property {[string, string][]} parameters  what the Voice URL gets with each call
 * @property {boolean} events
 */

/** @returns {Permissions} */
export function readPermissions(token) {
  const claims = JSON.parse(decodeBase64Url(token.split('.')[1]));
  return claims.grants ? fromAccessToken(claims.grants) : fromScopes(claims.scope);
}

function fromScopes(claim) {
  const scopes = claim.split(' ').map((uri) => {
    const [name, query] = uri.split('?');
    return { name, query: new URLSearchParams(query) };
  });
  const outgoing = scopes.find(({ name }) => name === 'scope:client:outgoing')?.query;

  return {
    kind: 'Capability token',
    receiveAs: scopes
      .filter(({ name }) => name === 'scope:client:incoming')
      .map(({ query }) => query.get('clientName')),
    callThrough: outgoing?.get('appSid') ?? null,
    parameters: [...new URLSearchParams(outgoing?.get('appParams') ?? '')],
    events: scopes.some(({ name }) => name === 'scope:stream:subscribe'),
  };
}

function fromAccessToken({ identity, voice = {} }) {
  return {
    kind: 'Access Token',
    receiveAs: voice.incoming?.allow ? [identity] : [],
    callThrough: voice.outgoing?.application_sid ?? null,
    parameters: Object.entries(voice.outgoing?.params ?? {}),
    events: false,
  };
}

function decodeBase64Url(text) {
  const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}
