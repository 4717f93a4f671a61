// Requests to the page's own server.

/** An error answer of the server, with its code and message. */
export class ServerError extends Error {
  constructor(status, { error = 'unknown', message = 'The server gave no reason.' } = {}) {
    super(message);
    this.status = status;
    this.code = error;
  }
}

export const getSettings = () => ask('GET', '/settings');
export const getUser = async () => (await ask('GET', '/session')).user;
export const signIn = async (name) => (await ask('POST', '/session', { name })).user;
export const signOut = () => ask('DELETE', '/session');
export const getLatestCall = async () => (await ask('GET', '/calls/latest')).call;

/** @returns {Promise<{ token: string, identity: string | null, ttl: number, expiresAt: string }>} */
export const getToken = () => ask('POST', '/token');

async function ask(method, path, body) {
  const headers = body && { 'Content-Type': 'application/json' };
  let response;
  try {
    response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  } catch {
    throw new ServerError(0, { error: 'unreachable', message: 'The server cannot be reached.' });
  }
  const answer = await response.json().catch(() => undefined);
  if (!response.ok) throw new ServerError(response.status, answer);
  return answer;
}
