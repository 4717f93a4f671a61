// What a token allows, read from the token itself. Nothing here checks it: that is the gateway's business,
// and a page could not anyway, since only the server has the secret.

/**
 * @typedef {object} Permissions
 * @property {string[]} receiveAs  client names under which calls come in
 * @property {string | null} callThrough  SID of the application that outgoing calls go to
 * @property {[string, string][]} parameters  what the application is told with each call
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
