import { create, find } from './elements.js';

/** The form fields that the token sets, apart from its parameters. */
const FROM_TOKEN = ['From', 'Caller', 'ApplicationSid', 'AccountSid'];

/**
 * Shows what the Voice URL got and answered.
 *
 * @param {{ request: Record<string, string>, twiml?: string } | null} call
 * @param {string[]} parameters  names of the token's parameters
 */
export function showVoiceUrl(call, parameters = []) {
  const fromToken = new Set([...FROM_TOKEN, ...parameters]);
  find('request').hidden = call === null;
  find('request-fields').replaceChildren(
    ...Object.entries(call?.request ?? {}).map(([name, value]) => toRow(name, value, fromToken.has(name))),
  );
  find('request-title').textContent = 'What your Voice URL received';
  find('twiml').textContent = indent(call?.twiml ?? '');
}

/** Says that what is shown belongs to a call that has ended. */
export function markAsLastCall() {
  find('request-title').textContent = 'What your Voice URL received for the last call';
}

/** Returns the sentence that TwiML speaks, or undefined. */
export function spokenText(twiml) {
  return new DOMParser().parseFromString(twiml, 'text/xml').querySelector('Say')?.textContent;
}

/** Puts each element of TwiML on its own line. */
function indent(twiml) {
  let depth = 0;
  const lines = twiml
    .replaceAll('><', '>\n<')
    .split('\n')
    .map((line) => {
      if (line.startsWith('</')) depth -= 1;
      const indented = '  '.repeat(depth) + line;
      if (/^<\w/.test(line) && !line.includes('</') && !line.endsWith('/>')) depth += 1;
      return indented;
    });
  return lines.join('\n');
}

function toRow(name, value, isFromToken) {
  const origin = create('td', { className: 'origin' });
  if (isFromToken) origin.append(create('span', { textContent: 'token' }));
  return create(
    'tr',
    {},
    create('th', { scope: 'row', textContent: name }),
    create('td', { textContent: value }),
    origin,
  );
}
