import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testCredentials } from 'twilio-capability/testing';
import { LOCAL_ENV } from '../../../examples/local-voice-app';
import { startVoiceApp, type VoiceApp } from '../../../examples/voice-app/server';
import { readSettings } from '../../../examples/voice-app/settings';
import { missingSettings } from '../../../examples/voice-app/missing-settings';
import { testSettings, useApp } from './support/app';
import { send, signInFor } from './support/http';

const ACCOUNT = {
  TWILIO_ACCOUNT_SID: testCredentials.accountSid,
  TWILIO_AUTH_TOKEN: testCredentials.authToken,
  TWILIO_APPLICATION_SID: 'AP1',
};
const JSON_TYPE = { 'Content-Type': 'application/json' };

describe('the app', () => {
  const app = useApp();
  let cookie: string;
  beforeAll(async () => {
    cookie = await signInFor(app.current.url, 'alice');
  });

  const ask = (method: string, path: string, headers: object = {}, body = '') =>
    send(method, app.current.url + path, { Cookie: cookie, ...headers }, body);

  describe('requests from other sites', () => {
    it.each(['cross-site', 'same-site', 'none'])('are rejected with Sec-Fetch-Site: %s', async (site) => {
      for (const [method, path] of [
        ['POST', '/token'],
        ['POST', '/session'],
        ['DELETE', '/session'],
      ] as const) {
        const { status, body } = await ask(method, path, { 'Sec-Fetch-Site': site });
        expect({ status, body: JSON.parse(body) as unknown }).toEqual({
          status: 403,
          body: { error: 'cross_origin', message: 'Requests from other sites are not accepted.' },
        });
      }
    });

    it('are rejected by their Origin if the browser sends no Sec-Fetch-Site', async () => {
      expect((await ask('POST', '/token', { Origin: 'https://evil.example.com' })).status).toBe(403);
      expect((await ask('POST', '/token', { Origin: 'null' })).status).toBe(403);
      expect((await ask('POST', '/token', { Origin: app.current.url })).status).toBe(200);
    });

    it('do not include requests of the page itself and of other clients than browsers', async () => {
      expect((await ask('POST', '/token', { 'Sec-Fetch-Site': 'same-origin' })).status).toBe(200);
      expect((await ask('POST', '/token')).status).toBe(200);
      expect((await ask('GET', '/session', { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(200);
    });
  });

  it.each(['{"name":', '"', 'null', '[]', ''])(
    'answers the session body %j without a stack',
    async (body) => {
      const answer = await ask('POST', '/session', JSON_TYPE, body);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
      expect(Object.keys(JSON.parse(answer.body) as object)).toEqual(['error', 'message']);
    },
  );

  it('answers a body that is too large in JSON', async () => {
    const { status, body } = await ask(
      'POST',
      '/session',
      JSON_TYPE,
      JSON.stringify({ name: 'x'.repeat(3000) }),
    );
    expect({ status, body }).toEqual({
      status: 413,
      body: '{"error":"bad_request","message":"The request cannot be read."}',
    });
  });

  it('explains that a name contains invalid characters', async () => {
    const { status, body } = await ask('POST', '/session', JSON_TYPE, '{"name":"\\ud800"}');
    expect({ status, body }).toEqual({
      status: 422,
      body: '{"error":"invalid_name","message":"This name contains invalid characters. Choose another name."}',
    });
  });

  it('answers other methods than POST at /token in JSON', async () => {
    const { status, headers, body } = await ask('GET', '/token');
    expect({ status, allow: headers.allow, body }).toEqual({
      status: 405,
      allow: 'POST',
      body: '{"error":"method_not_allowed","message":"Use POST."}',
    });
  });

  it('allows the page nothing but the microphone', async () => {
    const { headers } = await ask('GET', '/');
    expect(headers['permissions-policy']).toBe(
      'microphone=(self), autoplay=(self), camera=(), display-capture=(), geolocation=(), payment=(), usb=()',
    );
  });
});

describe('the limits', () => {
  let app: VoiceApp;
  beforeAll(async () => {
    app = await startVoiceApp(testSettings(), { limits: { tokens: 2, signIns: 3 } });
  });
  afterAll(() => app.close(500));

  const REFUSAL = {
    error: 'too_many_requests',
    message: 'Too many attempts. Wait a minute, then try again.',
  };

  it('apply to sign-in attempts and to tokens', async () => {
    const cookie = await signInFor(app.url, 'alice');
    const signIn = () => send('POST', `${app.url}/session`, JSON_TYPE, '{"name":"bob"}');
    expect([(await signIn()).status, (await signIn()).status]).toEqual([200, 200]);
    const refused = await signIn();
    expect({ status: refused.status, body: JSON.parse(refused.body) as unknown }).toEqual({
      status: 429,
      body: REFUSAL,
    });

    const token = () => send('POST', `${app.url}/token`, { Cookie: cookie });
    expect([(await token()).status, (await token()).status, (await token()).status]).toEqual([200, 200, 429]);
  });
});

describe('the settings', () => {
  it('treat an empty SESSION_SECRET as not set, since anyone could sign a session with it', async () => {
    const app = await startVoiceApp(testSettings({ ...LOCAL_ENV, SESSION_SECRET: '' }));
    const session = Buffer.from(JSON.stringify({ name: 'admin', since: Date.now() })).toString('base64');
    const signature = createHmac('sha1', '')
      .update(`voice-session=${session}`)
      .digest('base64')
      .replaceAll('/', '_')
      .replaceAll('+', '-')
      .replaceAll('=', '');
    const forged = `voice-session=${session}; voice-session.sig=${signature}`;
    const { status } = await send('POST', `${app.url}/token`, { Cookie: forged });
    expect(status).toBe(401);
    await app.close(500);
    expect(readSettings({ ...LOCAL_ENV, SESSION_SECRET: '' }).sessionSecret).toHaveLength(43);
    expect(readSettings({ ...LOCAL_ENV, SESSION_SECRET: 'x'.repeat(32) }).sessionSecret).toBe('x'.repeat(32));
  });

  it.each<[NodeJS.ProcessEnv, string]>([
    [
      { SESSION_SECRET: 'x'.repeat(31) },
      'SESSION_SECRET must have at least 32 characters. Leave it out to use a random one, which signs everybody ' +
        'out at each start.',
    ],
    [{ PORT: 'abc' }, 'PORT must be a number from 0 to 65535.'],
    [{ VOICE_PORT: '65536' }, 'VOICE_PORT must be a number from 0 to 65535.'],
    [{ PORT: '3001' }, 'PORT and VOICE_PORT are both 3001. Set them to different numbers.'],
    [{ TRUST_PROXY: '-1' }, 'TRUST_PROXY must be a number from 0 to 10.'],
    [
      { PUBLIC_URL: 'http://calls.example.com' },
      'PUBLIC_URL must be an https address without a path, such as https://calls.example.com.',
    ],
    [
      { PUBLIC_URL: 'https://calls.example.com/voice' },
      'PUBLIC_URL must be an https address without a path, such as https://calls.example.com.',
    ],
    [{ TWILIO_CALLER_ID: '5550100' }, 'TWILIO_CALLER_ID must be a phone number such as +15551234567.'],
    [{ CALLABLE_PREFIXES: '+1,44' }, 'CALLABLE_PREFIXES must be a list such as +1,+4930.'],
    [{ SIGNALING_HOST: 'wss://localhost' }, 'SIGNALING_HOST must be a host such as localhost:3000.'],
    [{ REDIS_URL: 'localhost' }, 'REDIS_URL must be an address such as redis://localhost:6379.'],
    [
      { REDIS_URL: 'redis://localhost' },
      'REDIS_URL is for several processes, which must share one session secret. Set SESSION_SECRET too.',
    ],
    [
      { ...ACCOUNT, TWILIO_API_KEY_SID: 'SK1' },
      'TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET belong together. Set both to issue Access Tokens, or neither ' +
        'to issue capability tokens.',
    ],
  ])('reject %j', (env, message) => {
    expect(() => readSettings({ ...LOCAL_ENV, ...env })).toThrow(message);
  });

  it('list what is missing with an account', () => {
    expect(missingSettings(readSettings({ ...LOCAL_ENV, PUBLIC_URL: 'https://calls.example.com' }))).toEqual(
      [],
    );
    expect(missingSettings(readSettings(ACCOUNT))).toEqual([
      'PUBLIC_URL: Twilio cannot reach the Voice URL, so no call goes through.',
      'TWILIO_CALLER_ID: users cannot call phone numbers.',
      'CALLABLE_PREFIXES: users cannot call phone numbers.',
      'ANSWER_AS: nobody answers calls to your Twilio number.',
    ]);
  });

  it('sign Access Tokens when there is an API key', async () => {
    const app = await startVoiceApp(
      testSettings({ ...ACCOUNT, TWILIO_API_KEY_SID: 'SK1', TWILIO_API_KEY_SECRET: 'secret_of_the_api_key' }),
    );
    const cookie = await signInFor(app.url, 'alice');
    const { body } = await send('POST', `${app.url}/token`, { Cookie: cookie });
    const { token } = JSON.parse(body) as { token: string };
    const [header = '', claims = ''] = token.split('.');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({ cty: 'twilio-fpa;v=1' });
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      iss: 'SK1',
      grants: { identity: 'alice', voice: { incoming: { allow: true } } },
    });
    await app.close(500);
  });
});
