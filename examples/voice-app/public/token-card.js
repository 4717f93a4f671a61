import { readPermissions } from './token.js';

const find = (id) => document.getElementById(id);

/** What the current token allows, and how long it still does. */
export function createTokenCard() {
  let current = null;
  let count = 0;

  // Counted from when the token came, by the browser's own clock, which need not agree with the server's.
  function tick() {
    const seconds = current ? Math.max(0, Math.ceil((current.endsAt - Date.now()) / 1000)) : 0;
    if (current) find('remaining').textContent = formatTime(seconds);
    find('lifetime').value = current ? seconds / current.ttl : 0;
  }
  setInterval(tick, 1000);

  function show(token, ttl) {
    count += 1;
    current = { ttl, endsAt: Date.now() + ttl * 1000, permissions: readPermissions(token) };
    find('permissions').replaceChildren(...describe(current.permissions).flatMap(toTerm));
    find('permissions').hidden = false;
    find('remaining-label').textContent = 'until it expires';
    find('renewals').textContent = describeRenewals(count - 1);
    tick();
  }

  /** A token that is not in force allows nothing, whatever it says. */
  function revoke(reason) {
    current = null;
    find('permissions').hidden = true;
    find('remaining').textContent = reason;
    find('remaining-label').textContent = '';
    find('renewals').textContent = 'It allows nothing now.';
    tick();
  }

  function clear() {
    count = 0;
    revoke('');
  }

  /** The fields of a VoiceUrl request that this token decides. */
  function namesInRequest() {
    const parameters = current?.permissions.parameters.map(([name]) => name) ?? [];
    return new Set(['From', 'Caller', 'ApplicationSid', 'AccountSid', ...parameters]);
  }

  return { show, revoke, clear, namesInRequest };
}

function describe({ receiveAs, callThrough, parameters, events }) {
  return [
    ['Receive calls as', receiveAs.length > 0 ? receiveAs : 'nobody'],
    ['Place calls through', callThrough ? [callThrough] : 'no application'],
    [
      'Each call carries',
      parameters.length > 0 ? parameters.map((pair) => pair.join(' = ')) : 'nothing more',
    ],
    ['Follow events', events ? ['yes'] : 'no'],
  ];
}

function toTerm([term, description]) {
  const dt = document.createElement('dt');
  dt.textContent = term;
  const isAllowed = Array.isArray(description);
  return [dt, ...[description].flat().map((text) => toDescription(text, isAllowed))];
}

function toDescription(text, isAllowed) {
  const dd = document.createElement('dd');
  dd.textContent = text;
  dd.className = isAllowed ? 'allowed' : 'denied';
  return dd;
}

function describeRenewals(count) {
  if (count === 0) return 'It is renewed by itself before it expires.';
  const time = new Date().toLocaleTimeString();
  return `Renewed ${count === 1 ? 'once' : `${count} times`}, last at ${time}.`;
}

/** 605 -> 10:05 */
export function formatTime(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
