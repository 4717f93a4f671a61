import { hideAlert, showAlert } from './alert.js';
import { createCallCard } from './call-card.js';
import { create, find } from './elements.js';
import { createMicrophoneMenu } from './microphone.js';
import { startPhoneSession } from './phone-session.js';
import { describeProblem } from './problems.js';
import { getSettings, getUser, signIn, signOut } from './server.js';
import { createTokenCard } from './token-card.js';
import { showVoiceUrl } from './voice-url-card.js';

// `?sdk=twilio-client` shows the same page with the older SDK.
const usesOlderSdk = new URLSearchParams(window.location.search).get('sdk') === 'twilio-client';

let session = null;
/** The latest sign-out request. A sign-in waits for it, since a late answer would delete its cookie. */
let signingOut = Promise.resolve();
let openPhone;
let signalingHost;

const tokenCard = createTokenCard();
const callCard = createCallCard({
  onCall: (destination) => session?.call(destination),
  onHangUp: () => session?.hangUp(),
  onMute: (isMuted) => session?.mute(isMuted),
  onDigit: (digit) => session?.sendDigit(digit),
});
const microphones = createMicrophoneMenu({ onChoose: (deviceId) => session?.useMicrophone(deviceId) });

function enter(user) {
  find('account-name').textContent = user.name;
  clearCards();
  setPage('signed-in');
  callCard.focus();
  session = startPhoneSession({
    user,
    openPhone,
    signalingHost,
    tokenCard,
    callCard,
    onCallOpen: microphones.refresh,
    onSignedOut(problem) {
      leave();
      showAlert('session', problem);
    },
  });
}

function leave() {
  session?.stop();
  session = null;
  clearCards();
  setPage('signed-out');
  find('name').focus();
}

function clearCards() {
  tokenCard.clear();
  callCard.clear();
  showVoiceUrl(null);
}

function endSession() {
  hideAlert();
  leave();
  signingOut = signOut().catch(() => {
    showAlert(
      'session',
      {
        title: 'You are still signed in',
        text: 'The phone is off, but anyone who reloads this page is signed in as you.',
      },
      { label: 'Try again', run: endSession },
    );
  });
}

function setPage(page) {
  for (const id of ['signed-in', 'signed-out']) find(id).hidden = id !== page;
  find('account').hidden = page !== 'signed-in';
}

function setNameError(message, isInvalid = false) {
  find('name-error').textContent = message;
  find('name').setAttribute('aria-invalid', String(isInvalid));
}

find('sign-in').addEventListener('submit', async (event) => {
  event.preventDefault();
  const name = find('name');
  const button = find('sign-in-button');
  if (button.disabled) return;
  button.disabled = true;
  try {
    await signingOut;
    const user = await signIn(name.value);
    setNameError('');
    hideAlert();
    enter(user);
  } catch (error) {
    setNameError(error.message, error.code === 'invalid_name');
    name.focus();
  } finally {
    button.disabled = false;
  }
});

find('sign-out').addEventListener('click', endSession);

function describeApp() {
  find('network').textContent = `Calls go through ${signalingHost ?? 'Twilio'}.`;
  find('sdk').append(
    usesOlderSdk ? 'With twilio-client. ' : 'With @twilio/voice-sdk. ',
    create('a', {
      href: usesOlderSdk ? '/' : '/?sdk=twilio-client',
      textContent: usesOlderSdk ? 'Use the current SDK' : 'Use the older twilio-client',
    }),
  );
}

try {
  ({ openPhone } = await import(usesOlderSdk ? './phones/twilio-client.js' : './phones/voice-sdk.js'));
  ({ signalingHost } = await getSettings());
  describeApp();
  const user = await getUser();
  if (user) enter(user);
  else leave();
} catch (error) {
  showAlert(
    'session',
    { ...describeProblem(error), text: 'The page could not be started.' },
    { label: 'Reload', run: () => window.location.reload() },
  );
}
