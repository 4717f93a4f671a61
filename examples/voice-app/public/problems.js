// What went wrong, in plain words, and what the user can do.

/**
 * @typedef {object} Problem
 * @property {string} title
 * @property {string} text
 * @property {number} [code]  Twilio's number, which its error dictionary explains
 * @property {'new-token' | 'reload'} [action]  only where it can help
 */

// `@twilio/voice-sdk` and `twilio-client` have different numbers for the same fault.
const TOKEN_INVALID = {
  title: 'The token was refused',
  text: 'It was changed on its way, or signed with the secret of another account or API key.',
  action: 'new-token',
};
const TOKEN_EXPIRED = {
  title: 'The token has expired',
  text: 'The phone is offline until it gets a new token. It requests one by itself.',
};
const TOKEN_TOO_LONG = {
  title: 'The token lasts too long',
  text: 'Twilio accepts at most 24 hours. The server must issue shorter tokens.',
};
const MICROPHONE_REFUSED = {
  title: 'No microphone',
  text: 'Allow this page to use the microphone in the address bar, then call again.',
};
const MICROPHONE_MISSING = {
  title: 'No microphone was found',
  text: 'Connect one, then call again.',
};
const CONNECTION_LOST = {
  title: 'Connection lost',
  text: 'The phone reconnects by itself.',
};

const PROBLEMS = new Map([
  [20101, TOKEN_INVALID],
  [20151, TOKEN_INVALID],
  [31202, TOKEN_INVALID],
  [31203, TOKEN_INVALID],
  [31204, TOKEN_INVALID],
  [20104, TOKEN_EXPIRED],
  [31205, TOKEN_EXPIRED],
  [31207, TOKEN_TOO_LONG],
  [
    31002,
    { title: 'The call was declined', text: 'The token does not allow calls, or another call is under way.' },
  ],
  [31005, CONNECTION_LOST],
  [31009, CONNECTION_LOST],
  [53000, CONNECTION_LOST],
  [53405, { title: 'No sound gets through', text: 'A firewall or VPN may block it. Try another network.' }],
  [31401, MICROPHONE_REFUSED],
  [31208, MICROPHONE_REFUSED],
  [31402, MICROPHONE_MISSING],
  ['unauthorized', { title: 'You are signed out', text: 'Your session has ended. Sign in again.' }],
  [
    'other_user',
    {
      title: 'You are signed in as somebody else in another tab',
      text: 'Reload this page to continue under that name, or sign in again here.',
    },
  ],
  ['too_many_requests', { title: 'Too many requests', text: 'The phone tries again by itself in a minute.' }],
  ['unreachable', { title: 'The server cannot be reached', text: 'The phone tries again by itself.' }],
  ['unavailable', { title: 'The server is unavailable', text: 'The phone tries again by itself.' }],
  ['timeout', { title: 'The server is slow', text: 'The phone tries again by itself.' }],
  [
    'token_unavailable',
    { title: 'The server could not create a token', text: 'The phone tries again by itself.' },
  ],
]);

/** @returns {Problem} */
export function describeProblem({ code, message }) {
  const problem = PROBLEMS.get(code) ?? { title: 'Something went wrong', text: message };
  return { ...problem, ...(typeof code === 'number' && { code }) };
}

export const isTokenExpiry = ({ code }) => PROBLEMS.get(code) === TOKEN_EXPIRED;
export const isTokenRefusal = ({ code }) => [TOKEN_INVALID, TOKEN_TOO_LONG].includes(PROBLEMS.get(code));
export const isConnectionLoss = ({ code }) => PROBLEMS.get(code) === CONNECTION_LOST;
