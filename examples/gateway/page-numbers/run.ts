/**
 * Measures which number a page gets for each number that the gateway sends, with both browser SDKs in Chromium,
 * and writes src/cli/page-numbers.json. Run it with `npm run page-numbers`.
 *
 * - `sdks`: the versions of the SDKs.
 * - `numbers`: for each number that the gateway sends, the number that the page gets, in the order of `columns`.
 *   "precise" is `enableImprovedSignalingErrorPrecision: true`. "connection" is an error of the device: the gateway
 *   refused its connection. "call" is an error of a call: the gateway refused the call.
 * - `general`: what `@twilio/voice-sdk` reports for a number that it has no class for. So a number that differs
 *   from the one sent and equals `general.connection.code` or `general.call.code` stands for many.
 * - `texts`: by the number that the page gets, the text of `@twilio/voice-sdk` for the connection. For a call, the
 *   gateway's text stands after the colon. `…` stands for the gateway's text. `twilio-client` always has that.
 * - `hasOriginalError`: whether an error that is not general has `originalError` with the gateway's number and text.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { testCredentials } from 'twilio-capability/testing';
import { startGateway } from '../index';
import { loadSdk, measure } from './measure';
import { allNumbers } from './numbers';
import { COLUMNS, createTable } from './table';

const OUTPUT = path.join(__dirname, '../../../src/cli/page-numbers.json');
const FLAGS = ['--no-sandbox', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'];

async function main(): Promise<void> {
  const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
  const gateway = await startGateway(testCredentials);
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  try {
    const measured = [];
    for (const column of COLUMNS) {
      const context = await browser.newContext({ ignoreHTTPSErrors: true });
      const page = await context.newPage();
      await loadSdk(page, gateway, column.sdk);
      measured.push(await measure(page, gateway, column, allNumbers()));
      await context.close();
      console.log(column.name);
    }
    await writeFile(OUTPUT, `${JSON.stringify(createTable(measured), null, 2)}\n`);
  } finally {
    await browser.close();
    await gateway.close();
  }
}

void main();
