import { getLatestCall } from './server.js';
import { formatTime } from './token-card.js';

const find = (id) => document.getElementById(id);

const DEVICE_STATUS = {
  offline: 'Offline',
  connecting: 'Connecting…',
  registered: 'Ready to make and receive calls',
};

/** The phone's state, its calls, and what the application is told of one that it places. */
export function createCallCard({ onCall, onHangUp, namesInToken }) {
  let device = 'offline';
  let call = 'ended';
  let peer = '';
  let incoming = null;
  let openedAt = 0;

  function render() {
    const inCall = call !== 'ended';
    const status = find('status');
    const text = inCall ? describeCall(call, peer) : DEVICE_STATUS[device];
    // Set only when it changes: a live region is read out each time.
    if (status.textContent !== text) status.textContent = text;
    status.dataset.state = inCall ? call : device;

    const focused = document.activeElement;
    find('incoming').hidden = call !== 'incoming';
    find('call').hidden = call === 'incoming';
    find('destination').readOnly = inCall;
    find('place-call').hidden = inCall;
    find('place-call').disabled = device !== 'registered';
    find('hang-up').hidden = !inCall;
    find('call-time').hidden = call !== 'open';
    keepFocus(focused);
  }

  function tick() {
    find('call-time').textContent = formatTime(Math.floor((Date.now() - openedAt) / 1000));
  }
  setInterval(tick, 1000);

  find('call').addEventListener('submit', (event) => {
    event.preventDefault();
    peer = find('destination').value.trim();
    if (peer !== '' && call === 'ended') onCall(peer);
  });
  find('hang-up').addEventListener('click', onHangUp);
  find('answer').addEventListener('click', () => incoming?.accept());
  find('decline').addEventListener('click', () => incoming?.reject());
  render();

  return {
    focus: () => find('destination').focus(),

    setDevice(state) {
      device = state;
      render();
    },

    async setCall(state) {
      call = state;
      if (state === 'open') {
        openedAt = Date.now();
        tick();
      }
      render();
      if (state === 'ringing') showRequest(await getLatestCall(), namesInToken());
    },

    setIncoming(next) {
      incoming = next;
      peer = next.from;
      call = 'incoming';
      showRequest(null);
      render();
    },

    clear() {
      device = 'offline';
      call = 'ended';
      showRequest(null);
      render();
    },
  };
}

function describeCall(state, peer) {
  const texts = {
    connecting: `Calling ${peer}…`,
    ringing: `Ringing ${peer}…`,
    open: `In call with ${peer}`,
    incoming: `${peer} is calling`,
  };
  return texts[state];
}

// A button that disappears takes the focus with it; whoever uses the keyboard goes on from its place.
function keepFocus(focused) {
  if (!(focused instanceof HTMLButtonElement) || focused.offsetParent) return;
  const visible = ['answer', 'hang-up', 'destination'].find((id) => find(id).offsetParent);
  find(visible)?.focus();
}

// Twilio itself does not tell the page; then there is nothing to show.
function showRequest(request, fromToken = new Set()) {
  find('request').hidden = request === null;
  find('request-fields').replaceChildren(
    ...Object.entries(request ?? {}).map(([name, value]) => toRow(name, value, fromToken.has(name))),
  );
}

function toRow(name, value, isFromToken) {
  const origin = element('td', { className: 'origin' });
  if (isFromToken) origin.append(element('span', { textContent: 'token' }));
  const row = element('tr');
  row.append(
    element('th', { scope: 'row', textContent: name }),
    element('td', { textContent: value }),
    origin,
  );
  return row;
}

function element(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}
