import process from 'node:process';
import * as library from 'twilio-capability';
import * as testing from 'twilio-capability/testing';
import * as web from 'twilio-capability/web';
import { conform } from './conformance.mjs';

process.stdout.write(JSON.stringify(await conform({ library, testing, web })));
