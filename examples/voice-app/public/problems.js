// What went wrong, in plain words, and what the user can do.

/** Title, text, and Twilio's numbers. */
const PROBLEMS = [
  ['The token was refused', 'It was signed with another secret.', 20101, 20151, 31202, 31203, 31204],
  ['The token has expired', 'The phone is offline until it gets a new one.', 20104, 31205],
  ['The token lasts too long', 'Twilio accepts at most 24 hours.', 31207],
  ['Connection lost', 'The phone reconnects by itself.', 31005, 31009],
  ['Twilio refused the connection', 'The token or the network can be the cause.', 53000],
  ['Too many requests', 'Twilio accepts no more requests at the moment.', 31206],
  ['The call was declined', 'The other side declined it, or the token does not allow calls.', 31002],
  ['No access to the microphone', 'Allow this page to use the microphone, then call again.', 31401],
  // The SDK has one number for both causes.
  ['No microphone', 'It is missing, or another application uses it. Check it, then call again.', 31402],
  ['No sound gets through', 'A firewall or VPN may block it. Try another network.', 53405],
];

export const SIGNED_OUT = {
  title: 'You are signed out',
  text: 'Sign in to use the phone.',
  action: 'Sign in',
};
export const STILL_SIGNED_IN = {
  title: 'You are still signed in',
  text: 'The phone is off, but anyone who reloads this page is signed in as you.',
  action: 'Try again',
};
export const OTHER_USER = {
  title: 'You are signed in under another name',
  text: 'Another tab of this browser signed in under another name.',
  action: 'Continue under that name',
  // Ends the renewal of the token, as the server's 401 does.
  status: 401,
};

/** Describes an error of the phone or of a call. `retryInMs` is the time until the phone tries again. */
export function describeProblem({ code, name, message }, retryInMs) {
  const unknown = [name === 'TokenFetchError' ? 'No token' : 'Something went wrong', message];
  const [title, text] = PROBLEMS.find((row) => row.includes(code)) ?? unknown;
  const retry = retryInMs ? ` The phone tries again in ${Math.ceil(retryInMs / 1000)} s.` : '';
  return { title, text: text + retry, code };
}
