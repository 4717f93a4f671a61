import { create, find, setText } from './elements.js';

const DICTIONARY = 'https://www.twilio.com/docs/api/errors/';
let topic = null;

/**
 * Shows a problem until {@link hideAlert} is called for its topic, or another problem replaces it.
 *
 * @param {'session' | 'token' | 'device' | 'call'} about
 * @param {import('./problems.js').Problem} problem
 * @param {{ label: string, run: () => void }} [action]
 */
export function showAlert(about, { title, text, code }, action) {
  topic = about;
  setText('alert-title', title);
  setText('alert-text', text);

  const link = find('alert-code');
  link.hidden = code === undefined;
  if (code !== undefined) link.replaceChildren(dictionaryLink(code));

  const button = find('alert-action');
  button.hidden = action === undefined;
  button.textContent = action?.label ?? '';
  button.onclick = action?.run ?? null;
  find('alert').hidden = false;
}

/** Hides the alert. With topics, only if it is about one of them. */
export function hideAlert(...topics) {
  if (topics.length > 0 && !topics.includes(topic)) return;
  topic = null;
  find('alert').hidden = true;
}

function dictionaryLink(code) {
  return create('a', {
    href: DICTIONARY + code,
    target: '_blank',
    rel: 'noreferrer',
    textContent: `Twilio error ${code}`,
  });
}
