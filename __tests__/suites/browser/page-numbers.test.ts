import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testCredentials } from 'twilio-capability/testing';
import { startGateway, type Gateway } from '../../../examples/gateway';
import { loadSdk, measure } from '../../../examples/gateway/page-numbers/measure';
import { allNumbers, SDKS, sdkVersion } from '../../../examples/gateway/page-numbers/numbers';
import { COLUMNS, lookUp, type PageNumbers } from '../../../examples/gateway/page-numbers/table';
import { describeInBrowser, usePages } from './support/chromium';

const FILE = path.join(__dirname, '../../../src/cli/page-numbers.json');
const table = JSON.parse(readFileSync(FILE, 'utf8')) as PageNumbers;

/** One number of each kind: shown as it is, shown as another, without a class, and with a class if precise. */
const SAMPLE = [20101, 20107, 31201, 31202, 31204, 31205, 31206, 31207, 31404, 53000];

describe('the table of numbers', () => {
  it('is about the installed SDKs. Otherwise, run `npm run page-numbers`', () => {
    expect(table.sdks).toEqual(Object.fromEntries(SDKS.map((sdk) => [sdk, sdkVersion(sdk)])));
  });

  it('has each number of the SDKs, in each column', () => {
    expect(Object.keys(table.numbers).map(Number)).toEqual(allNumbers());
    expect(table.columns).toEqual(COLUMNS.map(({ name }) => name));
    for (const row of Object.values(table.numbers)) expect(row).toHaveLength(COLUMNS.length);
  });
});

describeInBrowser('the table of numbers, measured', () => {
  const pages = usePages();
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway(testCredentials);
  });
  afterAll(() => gateway.close());

  it.each(COLUMNS.map((column, index) => ({ ...column, index })))(
    'is right about $sdk, $name',
    async (column) => {
      const page = await pages.open();
      await loadSdk(page, gateway, column.sdk);
      const measured = await measure(page, gateway, column, SAMPLE);
      const said = new Map(SAMPLE.map((sent) => [sent, lookUp(table, sent, column.index)]));
      expect(measured).toEqual(said);
      // twilio-client writes the errors of calls to the console, whatever its log level.
      if (column.name === 'twilio-client call') expect(pages.errors.splice(0)).toHaveLength(SAMPLE.length);
    },
  );
});
