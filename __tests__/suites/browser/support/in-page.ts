// Scripts that run in the page, as text: the types of the browser are not those of Node.

/** Elements that stick out of their card, and labels that are cut or break inside a word. */
export const FAULTS_OF_LAYOUT = `(() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  const found = scrollWidth > clientWidth ? ['page'] : [];
  for (const element of document.querySelectorAll('.card *, header *')) {
    const box = element.getBoundingClientRect();
    if (box.width === 0) continue;
    const name = [element.tagName, element.id, element.textContent.slice(0, 20)].join(' ');
    const card = (element.closest('.card') ?? document.documentElement).getBoundingClientRect();
    if (box.left < card.left - 1 || box.right > card.right + 1) found.push('outside: ' + name);
    if (!element.matches('button, label, summary, h1, h2, #state')) continue;
    if (element.scrollWidth > element.clientWidth + 1) found.push('cut: ' + name);
    for (const text of element.childNodes) {
      if (text.nodeType !== Node.TEXT_NODE) continue;
      for (const { index, 0: word } of text.data.matchAll(/\\S+/g)) {
        // A long name or number has to break.
        if (word.length > 12) continue;
        const range = document.createRange();
        range.setStart(text, index);
        range.setEnd(text, index + word.length);
        if (new Set([...range.getClientRects()].map(({ top }) => top)).size > 1) found.push('broken: ' + name);
      }
    }
  }
  return found;
})()`;

/** Whether the plus of the number in large letters is on the left of its digits. */
export const IS_PLUS_FIRST = `(() => {
  const left = (offset) => {
    const range = document.createRange();
    const text = document.getElementById('who').firstChild;
    range.setStart(text, offset);
    range.setEnd(text, offset + 1);
    return range.getBoundingClientRect().left;
  };
  return left(0) < left(1) && left(1) < left(5);
})()`;

/** Buttons whose text has the color of their background. */
export const INVISIBLE_BUTTONS = `[...document.querySelectorAll('button')]
  .filter((button) => getComputedStyle(button).color === getComputedStyle(button).backgroundColor)
  .map(({ id }) => id)`;

/** Makes the microphone fail with this name of a DOMException. */
export const breakMicrophone = (name: string): string =>
  `navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', '${name}'))`;

/** Keeps the microphone's streams. `streams.at(-1)` is the current one. */
export const KEEP_STREAMS = `{
  const { mediaDevices } = navigator;
  const getUserMedia = mediaDevices.getUserMedia.bind(mediaDevices);
  window.streams = [];
  mediaDevices.getUserMedia = async (constraints) => {
    streams.push(await getUserMedia(constraints));
    return streams.at(-1);
  };
}`;

/** Keeps the states that the phone shows, in `states`. */
export const RECORD_STATES = `{
  const state = document.getElementById('state');
  window.states = [];
  new MutationObserver(() => states.push(state.textContent)).observe(state, { childList: true });
}`;
