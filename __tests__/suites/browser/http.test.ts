import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { decodeToken } from 'twilio-capability';
import { testApiKey } from 'twilio-capability/testing';
import { LOCAL_ENV } from '../../../examples/local-voice-app';
import { answerError, createProtectedApp } from '../../../examples/voice-app/protect';
import { startVoiceApp, type VoiceApp } from '../../../examples/voice-app/server';
import { readSettings } from '../../../examples/voice-app/settings';
import { testSettings } from './support/app';
import { send, serve, signInFor } from './support/http';

const JSON_TYPE = { 'Content-Type': 'application/json' };

describe('the app', () => {
  let app: VoiceApp;
  let cookie: string;
  beforeAll(async () => {
    const env = { PUBLIC_URL: 'https://calls.example.com:8443', PUBLIC_HOSTS: 'phone.example.com, [::2]' };
    app = await startVoiceApp(testSettings(env));
    cookie = await signInFor(app.url, 'alice');
  });
  afterAll(() => app.close(500));

  const ask = (request: string, headers: object = {}, body = '') => {
    const [method = '', path = ''] = request.split(' ');
    return send(method, app.url + path, { Cookie: cookie, ...headers }, body);
  };

  it.each<[number, string, object]>([
    ...['cross-site', 'same-site', 'none'].flatMap((site) =>
      ['POST /token', 'POST /session', 'DELETE /session'].map((request): [number, string, object] => [
        403,
        request,
        { 'Sec-Fetch-Site': site },
      ]),
    ),
    // Older browsers send only Origin.
    [403, 'POST /token', { Origin: 'https://evil.example.com' }],
    [403, 'POST /token', { Origin: 'null' }],
    [200, 'POST /token', { Host: 'localhost:3000', Origin: 'http://localhost:3000' }],
    [200, 'POST /token', { 'Sec-Fetch-Site': 'same-origin' }],
    [200, 'POST /token', {}],
    [200, 'GET /session', { 'Sec-Fetch-Site': 'cross-site' }],
  ])('answers other sites with 403: %s, %s %j', async (status, request, headers) => {
    const answer = await ask(request, headers);
    expect(answer.status).toBe(status);
    if (status === 403) expect(answer.body).toMatch(/^\{"error":"cross_origin"/);
  });

  it.each(['evil.example', 'evil.example:3000', 'localhost.evil.example', '192.0.2.1', 'a b'])(
    'answers nothing under the foreign host name %j',
    async (host) => {
      const headers = { Host: host, Origin: `http://${host}`, ...JSON_TYPE };
      const paths = [
        'GET /',
        'GET /session',
        'POST /session',
        'POST /token',
        'GET /calls/latest',
        'GET /sdk/twilio.min.js',
      ];
      const answers = await Promise.all(paths.map((path) => ask(path, headers)));
      answers.push(await send('POST', app.voiceUrl, { Host: host }));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 421));
    },
  );

  it.each(['localhost', '127.0.0.1', '[::1]:3000', 'phone.example.com', 'calls.example.com', '[::2]'])(
    'answers under its own host name %s',
    async (host) => {
      expect((await ask('POST /token', { Host: host, Origin: `http://${host}` })).status).toBe(200);
    },
  );

  it('answers health checks under any host name', async () => {
    for (const url of [app.url, new URL(app.voiceUrl).origin]) {
      const { status, body } = await send('GET', `${url}/healthz`, { Host: '10.0.0.7' });
      expect({ status, body }).toEqual({ status: 200, body: 'ok\n' });
    }
  });

  const CSP =
    "default-src 'none';script-src 'self';style-src 'self';img-src 'self';connect-src 'self' " +
    "wss://*.twilio.com https://*.twilio.com;media-src 'self' https://sdk.twilio.com;form-action 'self';" +
    "base-uri 'none';frame-ancestors 'none'";
  const GZIP = { 'Accept-Encoding': 'gzip' };
  const ANN = '{"user":{"id":"dd971c05687a","name":"Ann Veal","clientName":"Ann_20Veal"}}';
  const REFUSAL = expect.stringMatching(/^\{"error":"\w+","message":"[^"]+"\}$/);
  it.each<[string, object, string, object]>([
    ['POST /session', JSON_TYPE, '{"name":', { status: 400, body: REFUSAL }],
    ['POST /session', JSON_TYPE, 'null', { status: 400, body: REFUSAL }],
    ['POST /session', JSON_TYPE, '[]', { status: 422, body: REFUSAL }],
    ['POST /session', JSON_TYPE, '', { status: 422, body: REFUSAL }],
    ['POST /session', JSON_TYPE, `{"name":"${'x'.repeat(3000)}"}`, { status: 413, body: REFUSAL }],
    ['POST /session', JSON_TYPE, '{"name":" Ann\\u200b \\u202eVeal\\ud800\\n"}', { status: 200, body: ANN }],
    ['GET /token', {}, '', { status: 405, headers: { allow: 'POST' }, body: REFUSAL }],
    ['GET /calls/latest', { Cookie: '' }, '', { status: 200, body: '{"call":null}' }],
    ['GET /', {}, '', { headers: { 'content-security-policy': CSP } }],
    ['GET /', {}, '', { headers: { 'permissions-policy': expect.stringMatching(/^microphone=\(self\), /) } }],
    ['GET /sdk/twilio.min.js', GZIP, '', { headers: { 'content-encoding': 'gzip' } }],
  ])('answers %s %j %s', async (request, headers, body, answer) => {
    await expect(ask(request, headers, body)).resolves.toMatchObject(answer);
  });

  it('compresses no token, and does not say that it is Express', async () => {
    const { headers } = await ask('POST /token', GZIP);
    expect(headers).not.toHaveProperty('content-encoding');
    expect(headers).not.toHaveProperty('x-powered-by');
  });
});

const hostile = new Proxy(
  {},
  {
    get() {
      throw new Error('Do not look');
    },
  },
);
it.each([
  [hostile, 500, 'Request failed: an error that cannot be printed'],
  ['text', 500, 'Request failed: text'],
  [{ status: '404' }, 500, 'Request failed: [object Object]'],
  [{ status: 404 }, 404, undefined],
])('answers an error in JSON, whatever was thrown', async (thrown, expected, line) => {
  const log = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const app = createProtectedApp(testSettings());
  app.get('/', () => {
    throw thrown as unknown as Error;
  });
  app.use(answerError);
  const server = await serve(app);
  const { status, body } = await send('GET', server.url);
  await server.close();
  expect(log.mock.calls).toEqual(line === undefined ? [] : [[line]]);
  log.mockRestore();
  expect(status).toBe(expected);
  expect(Object.keys(JSON.parse(body) as object)).toEqual(['error', 'message']);
});

it('limits sign-ins and tokens', async () => {
  const app = await startVoiceApp({ ...testSettings(), limits: { tokens: 2, signIns: 2 } });
  const cookie = await signInFor(app.url, 'alice');
  const statuses = async (path: string): Promise<number[]> => {
    const answers = [];
    for (let count = 0; count < 3; count += 1) {
      answers.push(await send('POST', app.url + path, { Cookie: cookie, ...JSON_TYPE }, '{"name":"bob"}'));
    }
    expect(answers[2]?.headers['retry-after']).toBe('60');
    return answers.map(({ status }) => status);
  };
  await expect(statuses('/session')).resolves.toEqual([200, 429, 429]);
  await expect(statuses('/token')).resolves.toEqual([200, 200, 429]);
  await app.close(500);
});

describe('the settings', () => {
  it.each<[NodeJS.ProcessEnv, string]>([
    [{ TWILIO_AUTH_TOKEN: '' }, 'Set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_APPLICATION_SID'],
    [{ TWILIO_ACCOUNT_SID: 'AC123' }, 'TWILIO_ACCOUNT_SID must be AC and 32 characters from 0-9 and a-f.'],
    [{ TWILIO_APPLICATION_SID: `PN${'0'.repeat(32)}` }, 'TWILIO_APPLICATION_SID must be AP'],
    [{ TWILIO_API_KEY_SID: 'SK1' }, 'TWILIO_API_KEY_SID must be SK'],
    [{ TWILIO_API_KEY_SID: testApiKey.apiKeySid }, 'Set both TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET'],
    [{ TWILIO_AUTH_TOKEN: 'two words' }, 'TWILIO_AUTH_TOKEN must be one word.'],
    [{ SESSION_SECRET: 'x'.repeat(31) }, 'SESSION_SECRET must be 32 characters or longer.'],
    [{ PORT: 'abc' }, 'PORT must be a number from 0 to 59999.'],
    [{ VOICE_PORT: '65536' }, 'VOICE_PORT must be a number'],
    [{ TRUST_PROXY: '-1' }, 'TRUST_PROXY must be a digit'],
    [{ PUBLIC_URL: 'http://calls.example.com' }, 'PUBLIC_URL must be an https address without a path.'],
    [
      { PUBLIC_URL: 'https://calls.example.com/voice' },
      'PUBLIC_URL must be an https address without a path.',
    ],
    [{ PUBLIC_HOSTS: 'https://x' }, 'PUBLIC_HOSTS must be a list of host names'],
    [{ HOST: '0.0.0.0' }, 'With HOST=0.0.0.0, set PUBLIC_HOSTS'],
    [{ TWILIO_CALLER_ID: '5550100' }, 'TWILIO_CALLER_ID must be a number such as +15551234567.'],
    [{ CALLABLE_PREFIXES: '+1,44' }, 'CALLABLE_PREFIXES must be a list such as +1,+4930.'],
    [{ ANSWER_AS: '911' }, 'ANSWER_AS must be a name to sign in with.'],
  ])('reject %j', (env, message) => {
    expect(() => readSettings({ ...LOCAL_ENV, ...env })).toThrow(message);
  });

  it('accept another HOST if the host names are known', () => {
    const hosts = { PUBLIC_HOSTS: 'Phone.example.com,10.0.0.7', PUBLIC_URL: 'https://calls.example.com/' };
    const settings = readSettings({ ...LOCAL_ENV, HOST: '0.0.0.0', ...hosts });
    expect(settings).toMatchObject({ publicUrl: 'https://calls.example.com', host: '0.0.0.0' });
    expect(settings.hosts.slice(-3)).toEqual(['phone.example.com', '10.0.0.7', 'calls.example.com']);
  });

  it('treat an empty SESSION_SECRET as not set, since anyone could sign a session with it', async () => {
    const app = await startVoiceApp(testSettings({ SESSION_SECRET: '' }));
    const session = Buffer.from(JSON.stringify({ name: 'admin', since: Date.now() })).toString('base64');
    const signature = createHmac('sha1', '').update(`voice-session=${session}`).digest('base64url');
    const forged = `voice-session=${session}; voice-session.sig=${signature}`;
    expect((await send('POST', `${app.url}/token`, { Cookie: forged })).status).toBe(401);
    await app.close(500);
    const secret = 'x'.repeat(32);
    expect(readSettings({ ...LOCAL_ENV, SESSION_SECRET: secret }).sessionSecret).toBe(secret);
  });

  it('sign Access Tokens when there is an API key', async () => {
    const { apiKeySid, apiKeySecret } = testApiKey;
    const key = { TWILIO_API_KEY_SID: apiKeySid, TWILIO_API_KEY_SECRET: apiKeySecret };
    const app = await startVoiceApp(testSettings(key));
    const { body } = await send('POST', `${app.url}/token`, { Cookie: await signInFor(app.url, 'alice') });
    const { token } = JSON.parse(body) as { token: string };
    expect(decodeToken(token)).toMatchObject({ kind: 'access-token', apiKeySid, identity: 'alice' });
    await app.close(500);
  });
});
