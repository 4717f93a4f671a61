// The phone: sign in, keep a device registered, make and take calls. It starts at the end of this file.
import { clearInspector, showRequest, showToken } from './inspector.js';
import { ask, find, formatTime, hideAlert, isolate, setContent, showAlert, visible } from './page.js';
import { describeCallProblem, describePhoneProblem, OTHER_USER, SIGNED_OUT } from './problems.js';
import { fetchToken, startDevice } from './twilio-capability/index.mjs';

let user = null;
/** What startDevice returned. */
let phone = null;
/** Connecting…, Ready or Offline */
let deviceState = 'Connecting…';
/** The SDK's call, from its first state to its end, and who is at the other end. */
let call = null;
let peer = '';
/** idle, calling, ringing, open, reconnecting or incoming */
let view = 'idle';
/** When the call opened, and until when clicks are ignored. */
let openedAt = null;
let settledAt = 0;
let hungUpHere = false;
let microphoneFault = '';
/** Why the session ended during a call. */
let sessionEnd = null;
/** Where the SDK connects instead of Twilio. */
let signalingHost;

// --- Token and device

function openPhone() {
  phone = startDevice({
    async fetchToken(signal) {
      const issued = await fetchToken('/token', { signal });
      if (issued.identity !== user?.clientName) throw OTHER_USER;
      showToken(issued);
      return issued;
    },
    createDevice,
    onError(error, { retryInMs } = {}) {
      if (error.status === 401) return endSession(error === OTHER_USER ? OTHER_USER : SIGNED_OUT);
      if (phone.device?.state !== 'registered') setDevice('Offline');
      if (sessionEnd) return;
      showAlert(describePhoneProblem(error, retryInMs), 'Try now', () => phone.renew());
    },
  });
}

function createDevice(token) {
  const { Device } = window.Twilio;
  const device = new Device(token, {
    // Without this, several of Twilio's errors get the same number.
    enableImprovedSignalingErrorPrecision: true,
    // A call waits so long for a lost connection to come back. Without this, it ends at once.
    maxCallSignalingTimeoutMs: 30_000,
    getUserMedia: openMicrophone,
    logLevel: 'silent',
    ...(signalingHost && { chunderw: signalingHost, sounds: localSounds(Device), publishEvents: false }),
  });
  device.on('registering', () => setDevice('Connecting…'));
  device.on('registered', () => setDevice('Ready'));
  device.on('unregistered', () => setDevice('Offline'));
  device.on('incoming', (incoming) => {
    if (view !== 'idle') return incoming.reject();
    begin(callerName(incoming.parameters.From), 'incoming');
    follow(incoming, open);
  });
  return device;
}

function setDevice(state) {
  deviceState = state;
  if (state === 'Ready') hideAlert('phone');
  render();
}

/** The SDK has one error for a microphone that is in use and one that is missing. */
async function openMicrophone(constraints) {
  microphoneFault = '';
  try {
    return await navigator.mediaDevices.getUserMedia(constraints);
  } catch (error) {
    microphoneFault = error.name;
    throw error;
  }
}

const localSounds = ({ SoundName }) =>
  Object.fromEntries(Object.values(SoundName).map((name) => [name, '/tone.wav']));

/** Returns the name behind Twilio's `From`. The server encodes names with encodeClientName(). */
function callerName(from = '') {
  if (!from.startsWith('client:')) return visible(from) || 'Unknown number';
  try {
    const name = decodeURIComponent(from.slice(7).replaceAll(/_([0-9A-F]{2})/g, '%$1'));
    return visible(name) || 'Unknown caller';
  } catch {
    return 'Unknown caller';
  }
}

// --- Calls

/** Returns why a destination cannot be called, or an empty string. */
function destinationFault(text) {
  if (text === '') return 'Enter a name or a phone number.';
  const isNumber = /^\+|^\P{L}*\p{N}\P{L}*$/u.test(text);
  const isComplete = /^\+[1-9]\d{6,14}$/.test(text.replaceAll(/[\s().\p{Pd}]/gu, ''));
  return isNumber && !isComplete ? 'Start with + and the country code, for example +1 555 010 0123.' : '';
}

async function placeCall(destination) {
  begin(destination, 'calling');
  showRequest(null);
  try {
    const placed = await phone.device.connect({ params: { To: destination } });
    if (view !== 'calling') return placed.disconnect();
    follow(placed, () => openUnlessRefused(placed));
    placed.on('ringing', () => void askVoiceUrl(placed));
  } catch (error) {
    showAlert(describeCallProblem(error, microphoneFault));
    end();
  }
}

function begin(name, firstView) {
  peer = name;
  hungUpHere = false;
  hideAlert('call');
  setContent('note');
  setView(firstView);
}

function follow(next, onAccept) {
  call = next;
  const on = (event, listener) => next.on(event, (...args) => next === call && listener(...args));
  on('ringing', () => setView('ringing'));
  on('accept', onAccept);
  on('reconnecting', () => setView('reconnecting'));
  on('reconnected', () => setView('open'));
  on('mute', render);
  for (const event of ['disconnect', 'cancel', 'reject']) on(event, () => end());
  // Comes after `disconnect` if the microphone cannot be opened.
  next.on('error', (error) => showAlert(describeCallProblem(error, microphoneFault)));
  // The SDK reconnects only calls that were answered, and gives up the others without an event.
  on('transportClose', () => {
    if (openedAt === null) giveUp('The connection was lost before the call began.');
  });
}

/** A call that the Voice URL refuses is answered too, by a voice that says why. */
async function openUnlessRefused(placed) {
  const refusal = await askVoiceUrl(placed);
  if (placed !== call) return;
  if (refusal) giveUp(`Not connected: ${refusal}`);
  else open();
}

/** Shows what the Voice URL got and answered. Returns the reason if it refused the call. */
async function askVoiceUrl(placed) {
  const { call: latest } = await ask('GET', '/calls/latest').catch(() => ({ call: null }));
  if (placed !== call || latest?.fields.CallSid !== placed.parameters.CallSid) return undefined;
  showRequest(latest);
  return latest.refusal;
}

function open() {
  openedAt = Date.now();
  setView('open');
}

function hangUp() {
  hungUpHere = true;
  if (call === null) end();
  else if (view === 'incoming') call.reject();
  else call.disconnect();
}

function giveUp(reason) {
  const lost = call;
  end(reason);
  lost.disconnect();
}

function end(reason) {
  setContent('note', ...(reason ? [reason] : describeEnd()));
  reset();
  if (sessionEnd) leave(sessionEnd);
}

function reset() {
  call = null;
  openedAt = null;
  setKeypad(false);
  setContent('pressed');
  setView('idle');
}

function describeEnd() {
  const name = isolate(peer);
  if (openedAt !== null) return ['Call with ', name, ` ended after ${formatTime(secondsOpen())}.`];
  if (view === 'incoming')
    return [hungUpHere ? 'You declined a call from ' : 'You missed a call from ', name, '.'];
  if (hungUpHere) return ['You canceled the call to ', name, '.'];
  return view === 'calling' ? ['The call to ', name, ' failed.'] : [name, ' did not answer.'];
}

const secondsOpen = () => Math.floor((Date.now() - openedAt) / 1000);

// --- View

const STATES = {
  calling: 'Calling…',
  ringing: 'Ringing…',
  open: 'In call',
  reconnecting: 'Reconnecting…',
  incoming: 'Incoming call',
};

function setView(next) {
  // A second tap on Call or Answer must not reach the button that takes its place.
  if (view !== 'reconnecting' && ['calling', 'open', 'incoming'].includes(next))
    settledAt = Date.now() + 1000;
  view = next;
  render();
}

function render() {
  const device = navigator.onLine ? deviceState : 'Offline';
  const isMuted = call?.isMuted() ?? false;
  const isIdle = view === 'idle';
  const focused = document.activeElement;

  for (const part of document.querySelectorAll('[data-in]')) part.hidden = !part.dataset.in.includes(view);
  find('phone').dataset.state = isIdle ? device : view;
  setContent('who', isIdle ? device : peer);
  if (!isIdle) setContent('state', isMuted ? `${STATES[view]}, muted` : STATES[view]);
  else if (device === 'Ready') setContent('state', 'Others can call you as ', isolate(user?.name), '.');
  else setContent('state', 'No calls until the phone is connected.');
  find('place-call').disabled = device !== 'Ready';
  find('avatar').textContent =
    [...((isIdle ? user?.name : peer) ?? '')].find((letter) => /\p{L}/u.test(letter)) ?? '#';
  find('mute').setAttribute('aria-pressed', isMuted);
  // Without a connection, the SDK reports an error for each key and gives up the call.
  for (const key of find('keys').children) key.disabled = view === 'reconnecting';
  document.title = view === 'incoming' ? `${peer} is calling` : 'Voice app';
  tick();

  // An element that is hidden loses the focus to the page. Keyboard users continue at the new state. A group comes
  // first, so that no key that is pressed at this moment answers or ends a call.
  const group = find({ idle: 'to', incoming: 'incoming' }[view] ?? 'controls');
  const isLost = focused !== document.body && (!focused.offsetParent || focused.disabled);
  if (isLost || (view === 'incoming' && !group.contains(focused))) group.focus();
}

function tick() {
  find('timer').textContent = openedAt === null ? '' : formatTime(secondsOpen());
}

function setKeypad(isOpen) {
  find('keypad').hidden = !isOpen;
  find('keypad-toggle').setAttribute('aria-expanded', isOpen);
}

function pressKey(key) {
  find('pressed').value += key;
  call.sendDigits(key);
}

// --- Session

/** The tabs of a browser share one session. */
const tabs = new BroadcastChannel('voice-app');
/** A sign-in waits for the latest sign-out, since a late answer would delete its cookie. */
let signingOut = Promise.resolve();

function showPage(name) {
  for (const part of document.querySelectorAll('[data-page]')) part.hidden = part.dataset.page !== name;
}

function enter(next) {
  user = next;
  showPage('signed-in');
  setView('idle');
  find('to').focus();
  openPhone();
}

function leave(problem) {
  reset();
  phone?.stop();
  user = null;
  sessionEnd = null;
  deviceState = 'Connecting…';
  clearInspector();
  setContent('note');
  showPage('signed-out');
  find('name').focus();
  hideAlert('phone', 'call');
  if (problem) showAlert(problem, problem.action, () => location.reload());
}

/** Ends the session, but lets a call under way finish. */
function endSession(problem) {
  if (user === null || sessionEnd) return;
  if (view === 'idle') return leave(problem);
  sessionEnd = problem;
  showAlert({ ...problem, text: 'You can finish this call.' });
}

function signOut() {
  leave();
  tabs.postMessage(null);
  hideAlert('session');
  signingOut = ask('DELETE', '/session').catch(() => {
    const text = 'The phone is off, but anyone who reloads this page is signed in as you.';
    showAlert({ title: 'You are still signed in', text, topic: 'session' }, 'Try again', signOut);
  });
}

async function signIn() {
  find('sign-in-button').disabled = true;
  try {
    await signingOut;
    ({ user } = await ask('POST', '/session', { name: find('name').value }));
    tabs.postMessage(user.clientName);
    setContent('name-error');
    hideAlert('session');
    enter(user);
  } catch (error) {
    setContent('name-error', error.message);
    find('name').setAttribute('aria-invalid', error.code === 'invalid_name');
    find('name').focus();
  } finally {
    find('sign-in-button').disabled = false;
  }
}

// --- Start

const isInCall = () => view !== 'idle' && view !== 'incoming';
const onClick = (id, listener) => find(id).addEventListener('click', listener);
const onSubmit = (id, listener) =>
  find(id).addEventListener('submit', (event) => {
    event.preventDefault();
    listener();
  });

find('keys').append(
  ...[...'123456789*0#'].map((key) =>
    Object.assign(document.createElement('button'), { textContent: key, onclick: () => pressKey(key) }),
  ),
);
onSubmit('sign-in', signIn);
onClick('sign-out', () => {
  if (!isInCall() || confirm('End the call and sign out?')) signOut();
});
onSubmit('dial', () => {
  const destination = visible(find('to').value);
  const fault = destinationFault(destination);
  setContent('to-error', fault);
  find('to').setAttribute('aria-invalid', fault !== '');
  if (fault) find('to').focus();
  else if (view === 'idle' && !find('place-call').disabled) placeCall(destination);
});
onClick('hang-up', hangUp);
onClick('decline', hangUp);
onClick('answer', () => call.accept());
onClick('mute', () => call.mute(!call.isMuted()));
onClick('keypad-toggle', () => setKeypad(find('keypad').hidden));

document.addEventListener('keydown', ({ key, ctrlKey, metaKey, altKey }) => {
  const isMeant = view === 'open' && !find('keypad').hidden && !ctrlKey && !metaKey && !altKey;
  if (isMeant && /^[\d*#]$/.test(key)) pressKey(key);
});
find('phone').addEventListener(
  'click',
  (event) => {
    // A click of the keyboard has no detail.
    if (event.detail > 0 && view !== 'idle' && Date.now() < settledAt) event.stopPropagation();
  },
  true,
);
window.addEventListener('beforeunload', (event) => isInCall() && event.preventDefault());
for (const event of ['online', 'offline']) window.addEventListener(event, render);
tabs.onmessage = ({ data }) => {
  if (data === null) endSession(SIGNED_OUT);
  else if (data !== user?.clientName) endSession(OTHER_USER);
};
setInterval(tick, 1000);

try {
  if (!window.Twilio) throw new Error('A part of the page did not load.');
  const session = await ask('GET', '/session');
  signalingHost = session.signalingHost;
  if (session.user) enter(session.user);
  else leave();
} catch (error) {
  setContent('loading', Object.assign(document.createElement('h1'), { textContent: 'Not loaded' }));
  const problem = { title: 'The page could not start', text: error.message, topic: 'session' };
  showAlert(problem, 'Reload', () => location.reload());
}
