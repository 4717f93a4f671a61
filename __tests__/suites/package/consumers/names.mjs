import * as main from 'twilio-capability';
import * as browser from 'twilio-capability/browser';
import * as express from 'twilio-capability/express';
import * as testing from 'twilio-capability/testing';
import * as jest from 'twilio-capability/testing/jest';
import * as vitest from 'twilio-capability/testing/vitest';
import * as web from 'twilio-capability/web';

const entries = { main, browser, express, web, testing, jest, vitest };
// `import` of a CommonJS module has its named exports and a few other names.
const own = (name) => !['default', 'module.exports', '__esModule'].includes(name);
const names = Object.entries(entries).map(([entry, exported]) => [
  entry,
  Object.keys(exported).filter(own).sort(),
]);
process.stdout.write(JSON.stringify(Object.fromEntries(names)));
