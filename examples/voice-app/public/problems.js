// What went wrong, in plain words, and what the user can do.

const REFUSED = ['The token was refused', 'It was signed with the secret of another account or API key.'];
const EXPIRED = ['The token has expired', 'The phone is offline until it gets a new one.'];
const LOST = ['Connection lost', 'The phone reconnects by itself.'];
const BUSY = ['The microphone is in use', 'Close the application that uses it, then call again.'];

/** By Twilio's number. */
const TWILIO = {
  ...{ 20101: REFUSED, 20151: REFUSED, 31202: REFUSED, 31203: REFUSED, 31204: REFUSED },
  ...{ 20104: EXPIRED, 31205: EXPIRED, 31005: LOST, 31009: LOST, 53000: LOST },
  31002: ['The call was declined', 'The token does not allow calls, or another call is under way.'],
  31206: ['Too many requests', 'Twilio accepts no more requests at the moment.'],
  31207: [
    'The token lasts too long',
    'Twilio accepts at most 24 hours. The server must issue shorter tokens.',
  ],
  31401: ['No access to the microphone', 'Allow this page to use the microphone, then call again.'],
  31402: ['No microphone was found', 'Connect one, then call again.'],
  53405: ['No sound gets through', 'A firewall or VPN may block it. Try another network.'],
};

export const SIGNED_OUT = {
  title: 'You are signed out',
  text: 'Sign in to use the phone.',
  topic: 'session',
};
export const OTHER_USER = {
  title: 'You are signed in under another name',
  text: 'Another tab of this browser signed in under another name.',
  action: 'Continue under that name',
  // Ends the renewal of the token, as the server's 401 does.
  status: 401,
  topic: 'session',
};

/** Describes an error of a call. */
export function describeCallProblem({ code, message }, microphoneFault) {
  const known = code === 31402 && microphoneFault === 'NotReadableError' ? BUSY : TWILIO[code];
  const [title, text] = known ?? ['Something went wrong', message];
  return { title, text, code, topic: 'call' };
}

/** Describes why the phone is not ready, and when it tries again. */
export function describePhoneProblem(error, retryInMs) {
  const [title, reason] = TWILIO[error.code] ?? describeFetchError(error);
  const text = retryInMs ? `${reason} The phone tries again in ${Math.ceil(retryInMs / 1000)} s.` : reason;
  return { title, text, code: error.code, topic: 'phone' };
}

function describeFetchError({ name, status, message }) {
  if (name !== 'TokenFetchError') return ['Something went wrong', message];
  if (status === undefined) return ['The server cannot be reached', 'The phone needs it for a new token.'];
  if (status === 429) return ['Too many requests', 'The server gives no more tokens at the moment.'];
  if (status < 300) return ['No token', 'The server answered, but not with a token.'];
  return ['No token', `The server answered with status ${status}.`];
}
