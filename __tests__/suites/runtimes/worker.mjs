/* global console */
import * as library from 'twilio-capability';
import * as testing from 'twilio-capability/testing';
import * as web from 'twilio-capability/web';
import { conform } from './conformance.mjs';

export default {
  /** `workerd test` calls this function and shows its console output. */
  async test() {
    console.log(JSON.stringify(await conform({ library, testing, web })));
  },
};
