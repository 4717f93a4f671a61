// Elements, text, and requests to the page's own server.

export const find = (id) => document.getElementById(id);

/** Replaces the content if its text changes. A live region is read out each time it is set. */
export function setContent(id, ...parts) {
  const text = parts.map((part) => part.textContent ?? part).join('');
  if (find(id).textContent !== text) find(id).replaceChildren(...parts);
}

/** Returns a name or number for a sentence, whose direction it does not affect. */
export const isolate = (textContent) => Object.assign(document.createElement('bdi'), { textContent });

/** Removes invisible characters, some of which reverse the direction of text. The server does the same. */
export const visible = (text) => text.replaceAll(/[\p{C}\p{Default_Ignorable_Code_Point}]/gu, '').trim();

/** 605 -> 10:05, 10805 -> 03:00:05 */
export function formatTime(seconds) {
  return new Date(seconds * 1000).toISOString().slice(seconds < 3600 ? 14 : 11, 19);
}

/** Shows one card. */
export function showPage(name) {
  for (const part of document.querySelectorAll('[data-page]')) part.hidden = part.dataset.page !== name;
}

/** @param {{ title: string, text: string, code?: number }} problem */
export function showAlert({ title, text, code }, label = '', action = null) {
  setContent('alert-title', title);
  setContent('alert-text', text);
  const link = find('alert-code');
  link.hidden = code === undefined;
  link.href = `https://www.twilio.com/docs/api/errors/${code}`;
  link.textContent = `Twilio error ${code}`;
  const button = find('alert-action');
  button.hidden = label === '';
  button.textContent = label;
  button.onclick = action;
  find('alert').hidden = false;
}

/** Sends a request to the page's own server. An error has the server's reason, if it gave one. */
export async function ask(method, path, body) {
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(path, { method, headers, body: JSON.stringify(body) }).catch(() => {
    throw new Error('The server cannot be reached. Check your connection, then try again.');
  });
  const answer = await response.json().catch(() => undefined);
  if (response.ok && answer) return answer;
  const message = answer?.message ?? `The server answered with status ${response.status} and no reason.`;
  throw Object.assign(new Error(message), { code: answer?.error });
}
