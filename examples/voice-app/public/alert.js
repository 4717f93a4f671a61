// What went wrong, in plain words.

const find = (id) => document.getElementById(id);

// The same fault has one number in `@twilio/voice-sdk` and another in `twilio-client`.
const TOKEN_INVALID = {
  title: 'The token was refused',
  text: 'It is not one that this account has signed, or it has been changed on the way.',
};
const TOKEN_EXPIRED = {
  title: 'The token has expired',
  text: 'The phone is offline until it has a new one.',
};
const TOKEN_TOO_LONG = {
  title: 'The token lasts too long',
  text: 'Twilio takes none that ends more than 24 hours from now.',
};
const MICROPHONE_REFUSED = {
  title: 'No microphone',
  text: 'A call needs one. Allow this page to use it, then try again.',
};
const MICROPHONE_MISSING = {
  title: 'No microphone was found',
  text: 'Connect one, then try again.',
};

const KNOWN = new Map([
  [20101, TOKEN_INVALID],
  [31204, TOKEN_INVALID],
  [20104, TOKEN_EXPIRED],
  [31205, TOKEN_EXPIRED],
  [31207, TOKEN_TOO_LONG],
  [
    31002,
    { title: 'The call was declined', text: 'This token does not allow calls, or one is going on already.' },
  ],
  [31005, { title: 'Connection lost', text: 'The phone goes on trying to reach the gateway.' }],
  [31401, MICROPHONE_REFUSED],
  [31208, MICROPHONE_REFUSED],
  [31402, MICROPHONE_MISSING],
  ['unauthorized', { title: 'You are signed out', text: 'Your session has ended. Sign in to go on.' }],
  ['too_many_requests', { title: 'Too many tokens', text: 'Wait a minute, then try again.' }],
  ['unreachable', { title: 'The server cannot be reached', text: 'Check your connection, then try again.' }],
]);

/** @returns {{ title: string, text: string }} */
export function problemOf({ code, message }) {
  const { title, text } = KNOWN.get(code) ?? { title: 'Something went wrong', text: message };
  return { title, text: typeof code === 'number' ? `${text} (Twilio error ${code})` : text };
}

export const isTokenExpiry = ({ code }) => KNOWN.get(code) === TOKEN_EXPIRED;
export const isTokenRefusal = ({ code }) => [TOKEN_INVALID, TOKEN_TOO_LONG].includes(KNOWN.get(code));
export const isMicrophoneFault = ({ code }) =>
  [MICROPHONE_REFUSED, MICROPHONE_MISSING].includes(KNOWN.get(code));

/** Shows a problem, with a button to do something about it if there is something to do. */
export function showAlert({ title, text }, action) {
  find('alert-title').textContent = title;
  find('alert-text').textContent = text;
  const button = find('alert-action');
  button.hidden = action === undefined;
  if (action) {
    button.textContent = action.label;
    button.onclick = action.run;
  }
  find('alert').hidden = false;
}

export function hideAlert() {
  find('alert').hidden = true;
}
