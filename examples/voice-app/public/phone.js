// The phone: sign in, keep a device registered, make and take calls. It starts at the end of this file.
import { showRequest, showToken } from './inspector.js';
import { ask, find, formatTime, isolate, setContent, showAlert, showPage, visible } from './page.js';
import { describeProblem, OTHER_USER, SIGNED_OUT, STILL_SIGNED_IN } from './problems.js';
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
/** Why the session ended. */
let sessionEnd = null;

// --- Token and device

function openPhone() {
  phone = startDevice({
    async fetchToken(signal) {
      const issued = await fetchToken('/token', { signal });
      if (issued.identity !== user.clientName) throw OTHER_USER;
      showToken(issued);
      return issued;
    },
    createDevice,
    onError(error, { retryInMs } = {}) {
      if (error.status === 401) return endSession(error === OTHER_USER ? OTHER_USER : SIGNED_OUT);
      if (phone.device?.state !== 'registered') setDevice('Offline');
      if (!sessionEnd) showAlert(describeProblem(error, retryInMs), 'Try now', () => phone.renew());
    },
  });
}

function createDevice(token) {
  const device = new window.Twilio.Device(token, {
    // Without this, several of Twilio's errors get the same number.
    enableImprovedSignalingErrorPrecision: true,
    // A call waits so long for a lost connection to come back. Without this, it ends at once.
    maxCallSignalingTimeoutMs: 30_000,
    logLevel: 'silent',
  });
  device.on('registering', () => setDevice('Connecting…'));
  device.on('registered', () => setDevice('Ready'));
  device.on('unregistered', () => setDevice('Offline'));
  device.on('incoming', (incoming) => {
    // The SDK waits for its ring tone, so the caller may have hung up. During a call, it ignores other calls.
    if (view !== 'idle' || incoming.status() !== 'pending') return incoming.reject();
    begin(callerName(incoming.parameters.From), 'incoming');
    follow(incoming, open);
  });
  return device;
}

function setDevice(state) {
  deviceState = state;
  if (state === 'Ready' && !sessionEnd) find('alert').hidden = true;
  render();
}

/** Returns the number, or the name that the server encoded with encodeClientName(). */
function callerName(from = '') {
  try {
    const name = from.replace(/^client:/, '').replaceAll(/_([0-9A-F]{2})/g, '%$1');
    return visible(decodeURIComponent(name)) || 'Unknown caller';
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

function dial(event) {
  event.preventDefault();
  const destination = visible(find('to').value);
  const fault = destinationFault(destination);
  setContent('to-error', fault);
  find('to').setAttribute('aria-invalid', fault !== '');
  if (fault) find('to').focus();
  else if (!find('place-call').disabled) placeCall(destination);
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
    showAlert(describeProblem(error));
    if (view === 'calling') end();
  }
}

function begin(name, firstView) {
  peer = name;
  find('alert').hidden = true;
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
  next.on('error', (error) => showAlert(describeProblem(error)));
  // The SDK reconnects only calls that were answered, and gives up the others without an event.
  on('transportClose', () => {
    if (openedAt === null) giveUp('The connection was lost before the call began.');
  });
}

/** A call that the Voice URL refuses is answered too, by a voice that says why. */
async function openUnlessRefused(placed) {
  const refusal = await askVoiceUrl(placed);
  if (placed !== call) return;
  if (refusal) giveUp(`Not connected. ${refusal}`);
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

const isInCall = () => view !== 'idle' && view !== 'incoming';
const hangUp = () => giveUp(STATES[view].hangUp);

function giveUp(reason) {
  const ended = call;
  end(reason);
  // An incoming call is rejected, any other one disconnected.
  ended?.reject();
  ended?.disconnect();
}

function end(reason = openedAt === null ? STATES[view].end : `Call ended after ${timeOpen()}.`) {
  setContent('note', isolate(peer), `: ${reason}`);
  call = null;
  openedAt = null;
  setKeypad(false);
  setContent('pressed');
  setView('idle');
  if (sessionEnd) leavePage(sessionEnd);
}

const timeOpen = () => formatTime(Math.floor((Date.now() - openedAt) / 1000));

// --- View

/** What the phone shows, and how a call that did not open ended: by the other side, or by this one. */
const STATES = {
  calling: { text: 'Calling…', end: 'The call failed.', hangUp: 'Canceled.' },
  ringing: { text: 'Ringing…', end: 'No answer.', hangUp: 'Canceled.' },
  incoming: { text: 'Incoming call', end: 'Missed call.', hangUp: 'Declined.' },
  open: { text: 'In call' },
  reconnecting: { text: 'Reconnecting…' },
};

function setView(next) {
  // A second tap on Call or Answer must not reach the button that takes its place.
  const isNew = view !== 'reconnecting' && ['calling', 'open', 'incoming'].includes(next);
  if (isNew) settledAt = Date.now() + 1000;
  view = next;
  render();
}

function render() {
  const device = navigator.onLine ? deviceState : 'Offline';
  const isIdle = view === 'idle';
  const isMuted = call?.isMuted() ?? false;
  const focused = document.activeElement;

  for (const part of document.querySelectorAll('[data-in]')) part.hidden = !part.dataset.in.includes(view);
  setContent('who', isIdle ? device : peer);
  if (!isIdle) setContent('state', isMuted ? `${STATES[view].text}, muted` : STATES[view].text);
  else if (device === 'Ready') setContent('state', 'Others can call you as ', isolate(user.name), '.');
  else setContent('state', 'No calls until the phone is connected.');
  find('place-call').disabled = device !== 'Ready';
  find('mute').setAttribute('aria-pressed', isMuted);
  // Without a connection, the SDK reports an error for each key and gives up the call.
  for (const key of find('keys').children) key.disabled = view === 'reconnecting';
  document.title = view === 'incoming' ? `${peer} is calling` : 'Voice app';
  tick();

  // An element that is hidden loses the focus to the page. Keyboard users continue at the new state. The group
  // comes first, so that no key that is pressed at this moment answers or ends a call.
  const group = find(isIdle ? 'to' : 'controls');
  const isLost = focused !== document.body && (!focused.offsetParent || focused.disabled);
  if (isLost || (view === 'incoming' && !group.contains(focused))) group.focus();
}

function tick() {
  find('timer').textContent = openedAt === null ? '' : timeOpen();
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

function enter(next) {
  user = next;
  showPage('signed-in');
  setView('idle');
  find('to').focus();
  openPhone();
  for (const event of ['online', 'offline']) window.addEventListener(event, render);
}

async function signIn(event) {
  event.preventDefault();
  find('sign-in-button').disabled = true;
  try {
    const session = await ask('POST', '/session', { name: find('name').value });
    tabs.postMessage('signed in');
    enter(session.user);
  } catch (error) {
    setContent('name-error', error.message);
    find('name').setAttribute('aria-invalid', error.code === 'invalid_name');
    find('name').focus();
    find('sign-in-button').disabled = false;
  }
}

async function signOut() {
  if (view !== 'idle') hangUp();
  phone.stop();
  find('alert').hidden = true;
  showPage('loading');
  try {
    await ask('DELETE', '/session');
    tabs.postMessage('signed out');
    location.reload();
  } catch {
    leavePage(STILL_SIGNED_IN, signOut);
  }
}

/** Ends the session, but lets a call under way finish. */
function endSession(problem) {
  if (user === null || sessionEnd) return;
  sessionEnd = problem;
  if (view === 'idle') leavePage(problem);
  else showAlert({ ...problem, text: 'You can finish this call.' });
}

/** Shows a problem alone. The next user gets a new page, in which nothing of this session is left. */
function leavePage(problem, action = () => location.reload()) {
  phone?.stop();
  showPage('alert');
  showAlert(problem, problem.action, action);
  find('alert-action').focus();
}

// --- Start

for (const key of '123456789*0#') {
  const button = document.createElement('button');
  find('keys').append(Object.assign(button, { textContent: key, onclick: () => pressKey(key) }));
}
find('sign-in').onsubmit = signIn;
find('sign-out').onclick = () => {
  if (!isInCall() || confirm('End the call and sign out?')) signOut();
};
find('dial').onsubmit = dial;
find('hang-up').onclick = hangUp;
find('decline').onclick = hangUp;
find('answer').onclick = () => call.accept();
find('mute').onclick = () => call.mute(!call.isMuted());
find('keypad-toggle').onclick = () => setKeypad(find('keypad').hidden);

document.addEventListener('keydown', ({ key, ctrlKey, metaKey, altKey }) => {
  const isMeant = view === 'open' && !find('keypad').hidden && !ctrlKey && !metaKey && !altKey;
  if (isMeant && /^[\d*#]$/.test(key)) pressKey(key);
});
const ignoreEarlyClick = (event) => {
  // A click of the keyboard has no detail.
  if (event.detail > 0 && view !== 'idle' && Date.now() < settledAt) event.stopPropagation();
};
find('phone').addEventListener('click', ignoreEarlyClick, true);
window.addEventListener('beforeunload', (event) => isInCall() && event.preventDefault());
// The next token shows whether this tab is still signed in, and as whom.
tabs.onmessage = () => phone?.renew();
setInterval(tick, 1000);

try {
  if (!window.Twilio) throw new Error('A part of the page did not load.');
  const session = await ask('GET', '/session');
  if (session.user) {
    enter(session.user);
  } else {
    showPage('signed-out');
    find('name').focus();
  }
} catch (error) {
  leavePage({ title: 'The page could not start', text: error.message, action: 'Reload' });
}
