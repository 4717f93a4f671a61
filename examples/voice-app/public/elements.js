/** Returns the element with this id. */
export const find = (id) => document.getElementById(id);

/** Creates an element with properties and children. */
export function create(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Sets text only if it changes. A live region is read out each time it is set. */
export function setText(id, text) {
  const element = find(id);
  if (element.textContent !== text) element.textContent = text;
}
