import { expect, jest, test } from '@jest/globals';
import { CapabilitySigner, IncomingScope } from '../../../src';
import { tokenEndpoint } from '../../../src/endpoint/web';
import { config } from '../../helpers/fixed';

const signer = new CapabilitySigner(config);
const alice = signer.issue(new IncomingScope('alice'));
const url = 'https://example.com/token';

test('passes the request on', async () => {
  const issue = jest.fn((request: Request) =>
    signer.issue(new IncomingScope(request.headers.get('x-user')!)),
  );
  const request = new Request(url, { method: 'POST', headers: { 'x-user': 'alice' } });
  expect(await (await tokenEndpoint(issue)(request)).json()).toMatchObject({ identity: 'alice' });
  expect(issue.mock.calls[0]![0]).toBe(request);
});

test('answers a request whose client has left with 499, without a token', async () => {
  const issue = jest.fn(() => alice);
  const request = new Request(url, { method: 'POST', signal: AbortSignal.abort() });
  const response = await tokenEndpoint(issue)(request);
  expect([response.status, await response.text()]).toEqual([499, '']);
  expect(issue).not.toHaveBeenCalled();
});

test('answers a request without a signal', async () => {
  const request = { method: 'POST', headers: new Headers() } as unknown as Request;
  expect((await tokenEndpoint(() => alice)(request)).status).toBe(200);
});

test.each<[string, object]>([
  ['the context of Hono', { req: { raw: new Request(url) } }],
  ['the request of Express', { method: 'POST', headers: { host: 'example.com' } }],
])('throws for %s at once, since Express 4 does not catch rejections', (__, request) => {
  expect(() => tokenEndpoint(() => alice)(request as Request)).toThrow(
    new TypeError(
      'This tokenEndpoint takes a Request of the Fetch API. In Hono, pass c.req.raw. For Express, use ' +
        'twilio-capability/express.',
    ),
  );
});

test('removes its listener from the signal of the request', async () => {
  const request = new Request(url, { method: 'POST' });
  const added = jest.spyOn(request.signal, 'addEventListener');
  const removed = jest.spyOn(request.signal, 'removeEventListener');
  await tokenEndpoint(() => Promise.resolve(alice))(request);
  expect(added.mock.calls).toEqual([['abort', expect.any(Function)]]);
  expect(removed.mock.calls).toEqual(added.mock.calls);
});
