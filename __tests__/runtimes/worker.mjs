/* global console */
import * as library from 'twilio-capability';
import * as testing from 'twilio-capability/testing';
import * as web from 'twilio-capability/web';
import { conform } from './conformance.mjs';

export default {
  /** Called by `workerd test`, which shows what is written to the console. */
  async test() {
    console.log(JSON.stringify(await conform({ library, testing, web })));
  },
};
