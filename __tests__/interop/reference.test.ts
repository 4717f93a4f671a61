import { afterEach, describe, expect, test } from '@jest/globals';
import { Capability, CapabilityVerifier, configure } from '../../src';
import { NOW, now } from '../helpers/fixed';
import { forge } from '../helpers/forge';

/* The examples in Twilio's documentation of Twilio::Util::Capability, with its placeholders. */
const accountSid = 'AC123123';
const authToken = 'secret';
const applicationSid = 'APabe7650f654fc34655fc81ae71caa3ff';
const user = { id: 42 };

const token = (scope: string, { iss = accountSid, secret = authToken, ttl = 3600 } = {}): string =>
  forge({ scope, iss, exp: NOW + ttl }, { alg: 'HS256', typ: 'JWT' }, { secret });
const create = (): Capability => new Capability({ accountSid, authToken, now });

afterEach(() => {
  configure({});
});

describe('a capability', () => {
  test('is created with an account SID and an auth token', () => {
    expect(create().allowClientIncoming('Alice').generate()).toBe(
      token('scope:client:incoming?clientName=Alice'),
    );
  });

  test('is created with the credentials of configure()', () => {
    configure({ accountSid: 'ACXXXXXXXXXXXXXXXXX', authToken: 'YYYYYYYYYYYYYYYYYY', now });
    expect(new Capability().allowClientIncoming('Alice').generate()).toBe(
      token('scope:client:incoming?clientName=Alice', {
        iss: 'ACXXXXXXXXXXXXXXXXX',
        secret: 'YYYYYYYYYYYYYYYYYY',
      }),
    );
  });
});

describe('allows', () => {
  test('incoming calls under a name', () => {
    const capability = create();
    capability.allowClientIncoming('Alice');
    expect(capability.generate()).toBe(token('scope:client:incoming?clientName=Alice'));
  });

  test('outgoing calls through an application', () => {
    const capability = create();
    capability.allowClientOutgoing(applicationSid);
    expect(capability.generate()).toBe(token(`scope:client:outgoing?appSid=${applicationSid}`));
  });

  test("outgoing calls with parameters for the application's Voice URL", () => {
    const capability = create();
    const params = { user_id: user.id };
    capability.allowClientOutgoing(applicationSid, params);
    expect(capability.generate()).toBe(
      token(`scope:client:outgoing?appSid=${applicationSid}&appParams=user_id%3D42`),
    );
  });

  test('both in one token', () => {
    const capability = create();
    capability.allowClientIncoming('Alice');
    capability.allowClientOutgoing(applicationSid);
    expect(capability.generate()).toBe(
      token(
        `scope:client:incoming?clientName=Alice scope:client:outgoing?appSid=${applicationSid}&clientName=Alice`,
      ),
    );
  });
});

describe('generates a token', () => {
  test('that expires in an hour', () => {
    const generated = create().allowClientIncoming('Alice').generate();
    const verifier = new CapabilityVerifier({ accountSid, authToken, now });
    expect(verifier.verify(generated).expiresAt).toEqual(new Date((NOW + 3600) * 1000));
  });

  test('that expires after a ttl in seconds', () => {
    expect(create().allowClientIncoming('Alice').generate(600)).toBe(
      token('scope:client:incoming?clientName=Alice', { ttl: 600 }),
    );
  });
});
