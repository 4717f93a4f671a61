import {
  hideAlert,
  isMicrophoneFault,
  isTokenExpiry,
  isTokenRefusal,
  problemOf,
  showAlert,
} from './alert.js';
import { createCallCard } from './call-card.js';
import { getSettings, getToken, getUser, ServerError, signIn, signOut } from './server.js';
import { createTokenCard } from './token-card.js';

const find = (id) => document.getElementById(id);

// `?sdk=twilio-client` shows the same page on the older SDK.
const usesOlderSdk = new URLSearchParams(window.location.search).get('sdk') === 'twilio-client';
const { openPhone } = await import(usesOlderSdk ? './phones/twilio-client.js' : './phones/voice-sdk.js');

const { usesTwilio } = await getSettings();
const tokenCard = createTokenCard();
const callCard = createCallCard({
  onCall: (destination) => {
    hideAlert();
    phone?.call(destination);
  },
  onHangUp: () => phone?.hangUp(),
  namesInToken: tokenCard.namesInRequest,
});
let phone = null;

/** Fetches a token, and gives it to the phone; the first one opens the phone. */
async function useNewToken() {
  try {
    const { token, ttl } = await getToken();
    tokenCard.show(token, ttl);
    if (phone) return phone.updateToken(token, ttl);

    phone = await openPhone({
      token,
      ttl,
      usesTwilio,
      refreshMs: refreshMs(ttl),
      onState: (state) => {
        if (state === 'registered') hideAlert();
        callCard.setDevice(state);
      },
      onCall: callCard.setCall,
      onIncoming: callCard.setIncoming,
      onTokenWillExpire: useNewToken,
      onProblem: report,
    });
  } catch (error) {
    report(error);
  }
}

// Long enough before the end for a slow network, but no more than a third of the token's life: the SDK's own
// default of ten seconds would ask for the next token of 15 s after five.
function refreshMs(ttl) {
  return Math.min(30_000, (ttl * 1000) / 3);
}

function report(error) {
  if (isTokenExpiry(error)) tokenCard.revoke('Expired');
  else if (isTokenRefusal(error)) tokenCard.revoke('Refused');
  const signedOut = error instanceof ServerError && error.status === 401;
  if (signedOut) showSignedOut();
  // Another token would help neither somebody who is signed out nor a call without a microphone.
  const isHelped = !signedOut && !isMicrophoneFault(error);
  showAlert(problemOf(error), isHelped ? { label: 'Try again', run: useNewToken } : undefined);
}

function showSignedIn(user) {
  find('account-name').textContent = user.name;
  setPage('signed-in');
  callCard.focus();
  return useNewToken();
}

function showSignedOut() {
  phone?.destroy();
  phone = null;
  tokenCard.clear();
  callCard.clear();
  setPage('signed-out');
  find('name').focus();
}

function setPage(page) {
  for (const id of ['signed-in', 'signed-out']) find(id).hidden = id !== page;
  find('account').hidden = page !== 'signed-in';
}

find('sign-in').addEventListener('submit', async (event) => {
  event.preventDefault();
  const name = find('name');
  try {
    const user = await signIn(name.value);
    setNameError('');
    hideAlert();
    await showSignedIn(user);
  } catch (error) {
    setNameError(error.message);
    name.focus();
  }
});

function setNameError(message) {
  find('name-error').textContent = message;
  find('name').setAttribute('aria-invalid', String(message !== ''));
}

find('sign-out').addEventListener('click', async () => {
  hideAlert();
  showSignedOut();
  await signOut().catch(report);
});

find('network').textContent = usesTwilio
  ? 'Connected to Twilio.'
  : 'A gateway on this machine stands in for Twilio: no sound, and it answers for whoever is not signed in.';
find('sdk').append(
  usesOlderSdk ? 'On twilio-client. ' : 'On @twilio/voice-sdk. ',
  Object.assign(document.createElement('a'), {
    href: usesOlderSdk ? '/' : '/?sdk=twilio-client',
    textContent: usesOlderSdk ? 'Use the current SDK' : 'Use the older twilio-client',
  }),
);

const user = await getUser();
if (user) await showSignedIn(user);
else showSignedOut();
