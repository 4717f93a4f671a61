const process = require('node:process');
const library = require('twilio-capability');
const testing = require('twilio-capability/testing');
const web = require('twilio-capability/web');

import('./conformance.mjs')
  .then(({ conform }) => conform({ library, testing, web }))
  .then((record) => process.stdout.write(JSON.stringify(record)));
