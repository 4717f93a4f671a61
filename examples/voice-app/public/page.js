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

/** 605 -> 10:05, 10805 -> 3:00:05 */
export function formatTime(seconds) {
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60];
  if (seconds >= 3600) parts.unshift(Math.floor(seconds / 3600));
  return parts.map((part, index) => String(part).padStart(index === 0 ? 1 : 2, '0')).join(':');
}

/** @param {{ title: string, text: string, code?: number, topic: 'session' | 'phone' | 'call' }} problem */
export function showAlert({ title, text, code, topic }, label = '', action = null) {
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
  find('alert').dataset.topic = topic;
  find('alert').hidden = false;
}

export function hideAlert(...topics) {
  if (topics.includes(find('alert').dataset.topic)) find('alert').hidden = true;
}

/** Sends a request to the page's own server. An error has the server's reason, if it gave one. */
export async function ask(method, path, body) {
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(path, { method, ...(body && { headers, body: JSON.stringify(body) }) }).catch(
    () => {
      throw new Error('The server cannot be reached. Check your connection, then try again.');
    },
  );
  const answer = await response.json().catch(() => undefined);
  if (response.ok && answer) return answer;
  const message = answer?.message ?? `The server answered with status ${response.status} and no reason.`;
  throw Object.assign(new Error(message), { code: answer?.error });
}
