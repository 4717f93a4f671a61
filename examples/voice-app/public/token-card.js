import { create, find } from './elements.js';
import { formatTime } from './time.js';

/** What the current token allows, and for how long. */
export function createTokenCard() {
  let current = null;
  let count = 0;

  // The countdown starts when the token arrives, since the browser's clock may differ from the server's.
  function tick() {
    const seconds = current ? Math.max(0, Math.ceil((current.endsAt - Date.now()) / 1000)) : 0;
    if (current) find('remaining').textContent = formatTime(seconds);
    find('lifetime').value = current ? seconds / current.ttl : 0;
  }
  setInterval(tick, 1000);

  function setTexts(remaining, label, note) {
    find('remaining').textContent = remaining;
    find('remaining-label').textContent = label;
    find('renewals').textContent = note;
    find('permissions').hidden = current === null;
    tick();
  }

  return {
    /** @param {import('./token.js').Permissions} permissions */
    show(permissions, ttl) {
      count += 1;
      current = { ttl, endsAt: Date.now() + ttl * 1000 };
      find('permissions').replaceChildren(...describe(permissions).flatMap(toTerm));
      setTexts('', 'until it expires', describeRenewals(count - 1));
    },

    /** Says that this is the last token of the session. */
    endRenewal() {
      find('renewals').textContent = 'No new token follows, since the session has ended.';
    },

    /** Marks the token as expired or refused, whatever it contains. */
    revoke(reason) {
      current = null;
      setTexts(reason, '', 'This token does not allow anything now.');
    },

    clear() {
      count = 0;
      current = null;
      setTexts('–', '', 'Waiting for the first token.');
    },
  };
}

function describe({ kind, receiveAs, callThrough, parameters, events }) {
  return [
    ['Kind', [kind]],
    ['Receive calls as', receiveAs.length > 0 ? receiveAs : 'nobody'],
    ['Make calls through', callThrough ? [callThrough] : 'no application'],
    [
      'Each call carries',
      parameters.length > 0 ? parameters.map((pair) => pair.join(' = ')) : 'nothing more',
    ],
    ['Subscribe to events', events ? ['yes'] : 'no'],
  ];
}

function toTerm([term, description]) {
  const className = Array.isArray(description) ? 'allowed' : 'denied';
  const descriptions = [description].flat();
  return [
    create('dt', { textContent: term }),
    ...descriptions.map((textContent) => create('dd', { textContent, className })),
  ];
}

function describeRenewals(count) {
  if (count === 0) return 'The page renews it before it expires.';
  const time = new Date().toLocaleTimeString();
  return `Renewed ${count === 1 ? 'once' : `${count} times`}, last at ${time}.`;
}
