const entries = {
  main: require('twilio-capability'),
  browser: require('twilio-capability/browser'),
  express: require('twilio-capability/express'),
  web: require('twilio-capability/web'),
  vitest: require('twilio-capability/testing/vitest'),
  testing: require('twilio-capability/testing'),
  jest: require('twilio-capability/testing/jest'),
};
const names = Object.entries(entries).map(([entry, exported]) => [entry, Object.keys(exported).sort()]);
process.stdout.write(JSON.stringify(Object.fromEntries(names)));
