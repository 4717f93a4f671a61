import { createCallControls } from './call-controls.js';
import { find, setText } from './elements.js';
import { formatTime } from './time.js';

/** States of a call: connecting, ringing, incoming, open, reconnecting, ended. */
const CALL_STATUS = {
  connecting: (peer) => `Calling ${peer}…`,
  ringing: (peer) => `Ringing ${peer}…`,
  open: (peer) => `In call with ${peer}`,
  reconnecting: (peer) => `Reconnecting the call with ${peer}…`,
  incoming: (peer) => `${peer} is calling`,
};

/**
 * The phone's state and its calls.
 *
 * @param {object} options
 * @param {(destination: string) => void} options.onCall
 * @param {() => void} options.onHangUp
 * @param {(isMuted: boolean) => void} options.onMute
 * @param {(digit: string) => void} options.onDigit
 */
export function createCallCard({ onCall, onHangUp, onMute, onDigit }) {
  let device = 'connecting';
  let permissions = { canCall: true, canReceive: true };
  let call = 'ended';
  let peer = '';
  let incoming = null;
  let openedAt = null;
  let hungUpHere = false;
  let answer = '';
  const controls = createCallControls({ onMute, onDigit });

  function render() {
    const inCall = call !== 'ended';
    setText('status', inCall ? CALL_STATUS[call](peer) : deviceStatus(device, permissions));
    find('status').dataset.state = inCall ? call : device;

    const focused = document.activeElement;
    find('incoming').hidden = call !== 'incoming';
    // Answer is the next Tab stop, and no key that is pressed at this moment answers or declines the call.
    if (call === 'incoming' && !find('incoming').contains(focused)) find('incoming').focus();
    find('call').hidden = inCall || !permissions.canCall;
    find('place-call').disabled = device !== 'registered';
    find('under-way').hidden = !inCall || call === 'incoming';
    controls.show(call === 'open' || call === 'reconnecting', call === 'reconnecting');
    find('call-time').hidden = openedAt === null;
    if (call !== 'incoming') keepFocus(focused);
  }

  function tick() {
    if (openedAt !== null) find('call-time').textContent = formatTime(secondsSince(openedAt));
  }
  setInterval(tick, 1000);

  function setCall(state) {
    if (state === call) return;
    if (state === 'ended') setText('last-call', describeEnd());
    if (state === 'open' && openedAt === null) openedAt = Date.now();
    if (state === 'ended') openedAt = null;
    call = state;
    tick();
    render();
  }

  function describeEnd() {
    if (openedAt !== null) {
      return `Call with ${peer} ended after ${formatTime(secondsSince(openedAt))}. ${answer}`.trim();
    }
    if (call === 'incoming')
      return hungUpHere ? `You declined a call from ${peer}.` : `You missed a call from ${peer}.`;
    if (hungUpHere) return `You canceled the call to ${peer}.`;
    return call === 'connecting' ? `The call to ${peer} failed.` : `${peer} did not answer.`;
  }

  function startCall(state, name) {
    peer = name;
    hungUpHere = false;
    answer = '';
    setText('last-call', '');
    setCall(state);
  }

  find('call').addEventListener('submit', (event) => {
    event.preventDefault();
    const destination = find('destination').value.trim();
    if (destination === '') find('destination').focus();
    if (destination === '' || call !== 'ended' || device !== 'registered') return;
    startCall('connecting', destination);
    onCall(destination);
  });
  find('hang-up').addEventListener('click', () => {
    hungUpHere = true;
    onHangUp();
  });
  find('answer').addEventListener('click', () => incoming?.accept());
  find('decline').addEventListener('click', () => {
    hungUpHere = true;
    incoming?.reject();
  });
  render();

  return {
    focus: () => find('destination').focus(),
    isInCall: () => call !== 'ended',
    setCall,

    setDevice(state) {
      device = state;
      render();
    },

    /** @param {{ canCall: boolean, canReceive: boolean }} next  what the token allows */
    setPermissions(next) {
      permissions = next;
      render();
    },

    setIncoming(next) {
      incoming = next;
      startCall('incoming', next.from);
    },

    /** Shows what the Voice URL says. */
    setAnswer(text) {
      answer = `The answer was: "${text}"`;
      setText('last-call', answer);
    },

    clear() {
      device = 'connecting';
      call = 'ended';
      openedAt = null;
      find('destination').value = '';
      setText('last-call', '');
      render();
    },
  };
}

function deviceStatus(device, { canCall, canReceive }) {
  const abilities = [canCall && 'make', canReceive && 'receive'].filter(Boolean).join(' and ');
  const texts = {
    connecting: 'Connecting…',
    registered: `Ready to ${abilities} calls`,
    reconnecting: 'Reconnecting…',
    offline: 'Offline',
  };
  return texts[device];
}

const secondsSince = (time) => Math.floor((Date.now() - time) / 1000);

// An element that is hidden or disabled loses the focus to the page. Keyboard users continue at the next useful
// element. During a call, this is the group one Tab before Hang up, so that holding Enter does not end the call.
function keepFocus(focused) {
  if (focused === null || focused === document.body) return;
  if (focused.offsetParent && !focused.disabled) return;
  const visible = ['under-way', 'destination'].find((id) => find(id).offsetParent);
  if (visible) find(visible).focus();
}
