import { create, find } from './elements.js';

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];

/** Mute and keypad, for a call under way. */
export function createCallControls({ onMute, onDigit }) {
  const mute = find('mute');
  const toggle = find('keypad-toggle');
  const pressed = find('pressed');
  const keypad = find('keypad');
  let isMuted = false;

  mute.addEventListener('click', () => setMuted(!isMuted));
  toggle.addEventListener('click', () => setOpen(keypad.hidden));
  find('keys').append(
    ...KEYS.map((key) =>
      create('button', {
        type: 'button',
        textContent: key,
        onclick() {
          pressed.value += key;
          onDigit(key);
        },
      }),
    ),
  );

  function setMuted(next) {
    isMuted = next;
    mute.setAttribute('aria-pressed', String(isMuted));
    onMute(isMuted);
  }

  function setOpen(isOpen) {
    keypad.hidden = !isOpen;
    toggle.setAttribute('aria-expanded', String(isOpen));
  }

  return {
    /** Shows the controls for a call that is open or reconnecting, hides and resets them otherwise. */
    show(isOpen, isReconnecting) {
      if (!isOpen && !find('in-call').hidden) {
        isMuted = false;
        mute.setAttribute('aria-pressed', 'false');
        pressed.value = '';
        setOpen(false);
      }
      find('in-call').hidden = !isOpen;
      // Without a connection, the SDK reports an error for each key and gives up the call.
      for (const key of find('keys').children) key.disabled = isReconnecting;
    },
  };
}
