import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { describeInBrowser, usePages } from './support/chromium';

describeInBrowser('twilio-capability/browser in a <script type="module">', () => {
  const pages = usePages();

  it('registers a device with a token from the endpoint', async () => {
    const root = path.join(__dirname, '..', '..', '..');
    const script = await readFile(`${root}/__tests__/suites/package/consumers/browser/page.js`, 'utf8');
    const html = `<script type="importmap">{ "imports": { "twilio-capability/browser": "/module.mjs" } }</script>
      <script type="module" src="/page.js"></script>`;
    const page = await pages.open();
    await page.route('http://localhost/', (route) => route.fulfill({ contentType: 'text/html', body: html }));
    await page.route('**/token', (route) =>
      route.fulfill({ json: { token: `${route.request().method()} /token`, ttl: 60 } }),
    );
    await page.route('**/page.js', (route) =>
      route.fulfill({ contentType: 'text/javascript', body: script }),
    );
    await page.route('**/module.mjs', (route) => route.fulfill({ path: `${root}/dist/browser/index.mjs` }));
    await page.goto('http://localhost/');
    await page.waitForFunction("document.title !== ''");
    expect(await page.title()).toBe('on error, register POST /token, destroy');
  });
});
