import { createRequire } from 'node:module';
import * as imported from 'twilio-capability';
import * as importedTesting from 'twilio-capability/testing';

const require = createRequire(import.meta.url);
const required = require('twilio-capability');
const requiredTesting = require('twilio-capability/testing');

/** Returns the error that a function throws. */
function thrown(act) {
  try {
    act();
  } catch (error) {
    return error;
  }
}

const now = importedTesting.fixedClock();
const credentials = requiredTesting.testCredentials;
const scope = new imported.IncomingScope('alice');
const token = new required.CapabilitySigner({ ...credentials, now }).sign(scope);
const verifier = new imported.CapabilityVerifier({ ...credentials, now });
const refusal = thrown(() => verifier.verify(requiredTesting.createFixtures().tampered.token));
required.configure(credentials);

process.stdout.write(
  JSON.stringify({
    sameExports: Object.keys(required).every((name) => imported[name] === required[name]),
    scopeInstance: scope instanceof required.IncomingScope,
    verifiedInstance: verifier.verify(token).scopes[0] instanceof required.IncomingScope,
    refusal: [
      refusal instanceof required.TokenError,
      refusal instanceof required.CapabilityError,
      refusal.code,
    ],
    configured: new imported.CapabilitySigner().accountSid,
  }),
);
