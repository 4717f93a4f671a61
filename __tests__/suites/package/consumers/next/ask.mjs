/** Serves the app that `next build` has built, and prints the responses of its token route. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import next from 'next';

const app = next({ dev: false });
await app.prepare();
const server = createServer(app.getRequestHandler()).listen(0, '127.0.0.1');
await once(server, 'listening');
const responses = [];
for (const authorization of ['Bearer alice', 'Basic x']) {
  const url = `http://127.0.0.1:${server.address().port}/token`;
  const response = await fetch(url, { method: 'POST', headers: { authorization } });
  const headers = ['cache-control', 'x-content-type-options'].map((name) => response.headers.get(name));
  responses.push({ status: response.status, headers, body: await response.json() });
}
process.stdout.write(JSON.stringify(responses));
process.exit();
