import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { testApiKey, testApplicationSid, testCredentials } from 'twilio-capability/testing';
import { answerError, createProtectedApp } from '../../../examples/voice-app/protect';
import { startVoiceApp, type VoiceApp } from '../../../examples/voice-app/server';
import { readSettings } from '../../../examples/voice-app/settings';
import { testSettings } from './support/app';
import { send, signInFor } from './support/http';

const ACCOUNT = {
  TWILIO_ACCOUNT_SID: testCredentials.accountSid,
  TWILIO_AUTH_TOKEN: testCredentials.authToken,
  TWILIO_APPLICATION_SID: testApplicationSid,
};
const JSON_TYPE = { 'Content-Type': 'application/json' };

describe('the app', () => {
  let app: VoiceApp;
  let cookie: string;
  beforeAll(async () => {
    app = await startVoiceApp(
      testSettings({
        PUBLIC_URL: 'https://calls.example.com:8443',
        PUBLIC_HOSTS: 'phone.example.com, [::2]',
      }),
    );
    cookie = await signInFor(app.url, 'alice');
  });
  afterAll(() => app.close(500));

  const ask = (method: string, path: string, headers: object = {}, body = '') =>
    send(method, app.url + path, { Cookie: cookie, ...headers }, body);

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
      expect((await ask('POST', '/token', { Origin: app.url })).status).toBe(200);
    });

    it('do not include requests of the page itself and of other clients than browsers', async () => {
      expect((await ask('POST', '/token', { 'Sec-Fetch-Site': 'same-origin' })).status).toBe(200);
      expect((await ask('POST', '/token')).status).toBe(200);
      expect((await ask('GET', '/session', { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(200);
    });
  });

  describe('host names', () => {
    const REFUSAL = '{"error":"unknown_host","message":"Add this host name to PUBLIC_HOSTS."}';

    it.each(['evil.example', 'evil.example:3000', 'localhost.evil.example', '192.0.2.1', 'a b'])(
      'of others are refused everywhere: %j',
      async (host) => {
        for (const [method, path] of [
          ['GET', '/'],
          ['GET', '/session'],
          ['POST', '/session'],
          ['POST', '/token'],
          ['GET', '/calls/latest'],
          ['GET', '/sdk/twilio.min.js'],
        ] as const) {
          const headers = { Host: host, Origin: `http://${host}`, ...JSON_TYPE };
          const { status, body } = await ask(
            method,
            path,
            headers,
            method === 'POST' ? '{"name":"bob"}' : '',
          );
          expect({ path, status, body }).toEqual({ path, status: 421, body: REFUSAL });
        }
        const voice = await send('POST', app.voiceUrl, { Host: host });
        expect({ status: voice.status, body: voice.body }).toEqual({ status: 421, body: REFUSAL });
      },
    );

    it.each([
      'localhost',
      'LOCALHOST:1',
      '127.0.0.1',
      '[::1]:3000',
      'phone.example.com',
      'calls.example.com',
      '[::2]',
    ])('of the app are answered: %s', async (host) => {
      const { status } = await ask('POST', '/token', { Host: host, Origin: `http://${host.toLowerCase()}` });
      expect(status).toBe(host === 'LOCALHOST:1' ? 403 : 200);
      expect((await ask('GET', '/session', { Host: host })).status).toBe(200);
    });

    it('do not matter to the health check', async () => {
      for (const url of [app.url, new URL(app.voiceUrl).origin]) {
        const { status, body } = await send('GET', `${url}/healthz`, { Host: '10.0.0.7' });
        expect({ status, body }).toEqual({ status: 200, body: 'ok\n' });
      }
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
    const body = JSON.stringify({ name: 'x'.repeat(3000) });
    await expect(ask('POST', '/session', JSON_TYPE, body)).resolves.toMatchObject({
      status: 413,
      body: '{"error":"bad_request","message":"The request cannot be read."}',
    });
  });

  it('removes invisible characters from names', async () => {
    const { body } = await ask('POST', '/session', JSON_TYPE, '{"name":" Ann\\u200b \\u202eVeal\\ud800\\n"}');
    expect(body).toBe('{"user":{"id":"dd971c05687a","name":"Ann Veal","clientName":"Ann_20Veal"}}');
  });

  it('answers other methods than POST at /token in JSON', async () => {
    const { status, headers, body } = await ask('GET', '/token');
    expect({ status, allow: headers.allow, body }).toEqual({
      status: 405,
      allow: 'POST',
      body: '{"error":"method_not_allowed","message":"Use POST."}',
    });
  });

  it('allows the page only what it needs', async () => {
    const { headers } = await ask('GET', '/');
    expect(headers['permissions-policy']).toBe(
      'microphone=(self), autoplay=(self), camera=(), geolocation=(), usb=()',
    );
    expect(headers['content-security-policy']).toBe(
      "default-src 'none';script-src 'self';style-src 'self';img-src 'self';connect-src 'self' " +
        "wss://*.twilio.com https://*.twilio.com;media-src 'self' https://sdk.twilio.com;form-action 'self';" +
        "base-uri 'none';frame-ancestors 'none'",
    );
    expect(headers['x-powered-by']).toBeUndefined();
  });

  it('compresses the SDK and does not compress tokens', async () => {
    const sdk = await ask('GET', '/sdk/twilio.min.js', { 'Accept-Encoding': 'gzip' });
    expect(sdk.headers['content-encoding']).toBe('gzip');
    const token = await ask('POST', '/token', { 'Accept-Encoding': 'gzip' });
    expect(token.headers['content-encoding']).toBeUndefined();
  });

  it('shows a latest call to nobody who is signed out', async () => {
    const { body } = await send('GET', `${app.url}/calls/latest`);
    expect(body).toBe('{"call":null}');
  });
});

describe('an error', () => {
  const hostile = {
    get status(): number {
      throw new Error('status');
    },
    get stack(): string {
      throw new Error('stack');
    },
  };
  it.each([
    ['with a status that throws', hostile, 500, 'Request failed: an error that cannot be printed'],
    ['that is a string', 'text', 500, 'Request failed: text'],
    ['with a status of text', { status: '404' }, 500, 'Request failed: [object Object]'],
    ['of the client', { status: 404 }, 404, undefined],
  ])('%s is answered in JSON', async (_name, thrown, expected, line) => {
    const log = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const app = createProtectedApp(testSettings());
    app.get('/', () => {
      throw thrown as unknown as Error;
    });
    app.use(answerError);
    const server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { status, body } = await send('GET', `http://localhost:${(server.address() as AddressInfo).port}`);
    server.close();
    const lines = log.mock.calls.map(([first]) => first as unknown);
    log.mockRestore();
    expect(status).toBe(expected);
    expect(Object.keys(JSON.parse(body) as object)).toEqual(['error', 'message']);
    expect(lines).toEqual(line === undefined ? [] : [line]);
  });
});

describe('the limits', () => {
  let app: VoiceApp;
  beforeAll(async () => {
    app = await startVoiceApp({ ...testSettings(), limits: { tokens: 2, signIns: 3 } });
  });
  afterAll(() => app.close(500));

  it('apply to sign-in attempts and to tokens', async () => {
    const cookie = await signInFor(app.url, 'alice');
    const signIn = () => send('POST', `${app.url}/session`, JSON_TYPE, '{"name":"bob"}');
    expect([(await signIn()).status, (await signIn()).status]).toEqual([200, 200]);
    const refused = await signIn();
    expect({ status: refused.status, body: JSON.parse(refused.body) as unknown }).toEqual({
      status: 429,
      body: { error: 'too_many_requests', message: 'Too many attempts. Wait a minute, then try again.' },
    });

    const token = () => send('POST', `${app.url}/token`, { Cookie: cookie });
    expect([(await token()).status, (await token()).status]).toEqual([200, 200]);
    const last = await token();
    expect({ status: last.status, after: last.headers['retry-after'] }).toEqual({ status: 429, after: '60' });
  });
});

describe('the settings', () => {
  it('treat an empty SESSION_SECRET as not set, since anyone could sign a session with it', async () => {
    const app = await startVoiceApp(testSettings({ SESSION_SECRET: '' }));
    const session = Buffer.from(JSON.stringify({ name: 'admin', since: Date.now() })).toString('base64');
    const signature = createHmac('sha1', '').update(`voice-session=${session}`).digest('base64url');
    const forged = `voice-session=${session}; voice-session.sig=${signature}`;
    const { status } = await send('POST', `${app.url}/token`, { Cookie: forged });
    expect(status).toBe(401);
    await app.close(500);
    expect(readSettings({ ...ACCOUNT, SESSION_SECRET: '' }).sessionSecret).toHaveLength(64);
    expect(readSettings({ ...ACCOUNT, SESSION_SECRET: 'x'.repeat(32) }).sessionSecret).toBe('x'.repeat(32));
  });

  const SID = 'and 32 characters from 0-9 and a-f.';
  it.each<[NodeJS.ProcessEnv, string]>([
    [
      { TWILIO_AUTH_TOKEN: '' },
      'Set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_APPLICATION_SID in .env, as .env.example shows.',
    ],
    [{ TWILIO_ACCOUNT_SID: 'AC123' }, `TWILIO_ACCOUNT_SID must be AC ${SID}`],
    [{ TWILIO_APPLICATION_SID: `PN${'0'.repeat(32)}` }, `TWILIO_APPLICATION_SID must be AP ${SID}`],
    [{ TWILIO_API_KEY_SID: 'SK1' }, `TWILIO_API_KEY_SID must be SK ${SID}`],
    [
      { TWILIO_API_KEY_SID: testApiKey.apiKeySid },
      'Set both TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET, or neither.',
    ],
    [{ TWILIO_AUTH_TOKEN: 'two words' }, 'TWILIO_AUTH_TOKEN must be one word.'],
    [{ SESSION_SECRET: 'x'.repeat(31) }, 'SESSION_SECRET must be 32 characters or longer.'],
    [{ PORT: 'abc' }, 'PORT must be a number from 0 to 65535.'],
    [{ VOICE_PORT: '65536' }, 'VOICE_PORT must be a number from 0 to 65535.'],
    [{ PORT: '3001' }, 'PORT and VOICE_PORT are both 3001. Set them to different numbers.'],
    [{ TRUST_PROXY: '-1' }, 'TRUST_PROXY must be a digit, the number of reverse proxies.'],
    [{ PUBLIC_URL: 'http://calls.example.com' }, 'PUBLIC_URL must be an https address without a path.'],
    [
      { PUBLIC_URL: 'https://calls.example.com/voice' },
      'PUBLIC_URL must be an https address without a path.',
    ],
    [{ PUBLIC_HOSTS: 'https://x' }, 'PUBLIC_HOSTS must be a list of host names without ports.'],
    [
      { HOST: '0.0.0.0' },
      'With HOST=0.0.0.0, set PUBLIC_HOSTS to the host names that people open the page with.',
    ],
    [{ TWILIO_CALLER_ID: '5550100' }, 'TWILIO_CALLER_ID must be a number such as +15551234567.'],
    [{ CALLABLE_PREFIXES: '+1,44' }, 'CALLABLE_PREFIXES must be a list such as +1,+4930.'],
    [{ ANSWER_AS: '911' }, 'ANSWER_AS must be a name to sign in with.'],
    [{ SIGNALING_HOST: 'wss://x' }, 'SIGNALING_HOST must be a host such as localhost:3000.'],
  ])('reject %j', (env, message) => {
    expect(() => readSettings({ ...ACCOUNT, ...env })).toThrow(new Error(message));
  });

  it('accept another HOST if the host names are known', () => {
    const settings = readSettings({
      ...ACCOUNT,
      HOST: '0.0.0.0',
      PUBLIC_HOSTS: 'Phone.example.com,10.0.0.7',
    });
    expect(settings.hosts).toEqual(['localhost', '127.0.0.1', '[::1]', 'phone.example.com', '10.0.0.7']);
    const other = readSettings({ ...ACCOUNT, HOST: '0.0.0.0', PUBLIC_URL: 'https://calls.example.com/' });
    expect(other).toMatchObject({ publicUrl: 'https://calls.example.com', host: '0.0.0.0' });
    expect(other.hosts).toContain('calls.example.com');
  });

  it('sign Access Tokens when there is an API key', async () => {
    const { apiKeySid, apiKeySecret } = testApiKey;
    const key = { TWILIO_API_KEY_SID: apiKeySid, TWILIO_API_KEY_SECRET: apiKeySecret };
    const app = await startVoiceApp(testSettings(key));
    const cookie = await signInFor(app.url, 'alice');
    const { body } = await send('POST', `${app.url}/token`, { Cookie: cookie });
    const { token } = JSON.parse(body) as { token: string };
    const [header = '', claims = ''] = token.split('.');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({ cty: 'twilio-fpa;v=1' });
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      iss: apiKeySid,
      grants: { identity: 'alice', voice: { incoming: { allow: true } } },
    });
    await app.close(500);
  });
});
