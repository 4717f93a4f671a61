// For developers: what the token contains, and what the Voice URL got and answered.
import { find } from './page.js';

/** Origins of form fields. Twilio adds the others. */
const FROM_TOKEN = ['From', 'Caller', 'AccountSid', 'ApplicationSid', 'user_id'];
const FROM_PAGE = ['To', 'Called'];

/** Shows the claims of a token. The page cannot verify them: only the server has the secret. */
export function showToken({ token, ttl }) {
  const base64 = token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const claims = JSON.parse(new TextDecoder().decode(bytes));
  if (claims.scope) claims.scope = claims.scope.split(' ');
  find('token').textContent = JSON.stringify(claims, null, 2);
  const expiry = new Date(Date.now() + ttl * 1000).toLocaleTimeString();
  find('token-time').textContent = `Expires at ${expiry}. The page renews it before that.`;
}

/** @param {{ fields: Record<string, string>, twiml: string } | null} call */
export function showRequest(call) {
  const create = (tag, properties) => Object.assign(document.createElement(tag), properties);
  find('fields').replaceChildren(
    ...Object.entries(call?.fields ?? {}).flatMap(([name, value]) => {
      const origin = FROM_TOKEN.includes(name) ? 'token' : FROM_PAGE.includes(name) ? 'page' : 'Twilio';
      const term = create('dt', { textContent: `${name} ` });
      term.append(create('b', { textContent: origin, className: origin }));
      return [term, create('dd', { textContent: value })];
    }),
  );
  find('twiml').textContent = call?.twiml.replaceAll('><', '>\n<') ?? '';
}
