import * as main from 'twilio-capability';
import * as express from 'twilio-capability/express';
import * as testing from 'twilio-capability/testing';
import * as jest from 'twilio-capability/testing/jest';
import * as web from 'twilio-capability/web';

const entries = { main, express, web, testing, jest };
const names = Object.entries(entries).map(([entry, exported]) => [entry, Object.keys(exported).sort()]);
process.stdout.write(JSON.stringify(Object.fromEntries(names)));
