import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { encodeClientName } from 'twilio-capability';
import { testCredentials } from 'twilio-capability/testing';
import { getExpectedTwilioSignature } from 'twilio';
import { checkVoiceUrl, startVoiceApp, type VoiceApp } from '../../../examples/voice-app/server';
import { userNamed } from '../../../examples/voice-app/user';
import { testSettings } from './support/app';
import { send, signInFor } from './support/http';

const PUBLIC_URL = 'https://calls.example.com:8443';
const { authToken } = testCredentials;
const XML = '<?xml version="1.0" encoding="UTF-8"?>';
const said = (text: string): string => `${XML}<Response><Say>${text}</Say><Hangup/></Response>`;

describe('the Voice URL', () => {
  let app: VoiceApp;
  const lines: string[] = [];
  beforeAll(async () => {
    const settings = testSettings({
      PUBLIC_URL,
      TWILIO_CALLER_ID: '+1 (555) 010-0199',
      CALLABLE_PREFIXES: '+1, +4930',
      ANSWER_AS: 'Ann Veal',
    });
    app = await startVoiceApp(settings, (line: string) => lines.push(line));
  });
  afterAll(() => app.close(500));

  interface Sent {
    readonly path?: string;
    /** The address that the signature covers. */
    readonly signed?: string;
    readonly secret?: string;
    readonly signature?: string;
  }

  async function post(fields: Record<string, string>, sent: Sent = {}) {
    const { path = '/voice', signed = PUBLIC_URL + path, secret = authToken } = sent;
    const signature = sent.signature ?? getExpectedTwilioSignature(secret, signed, fields);
    const response = await fetch(new URL(path, app.voiceUrl), {
      method: 'POST',
      headers: { 'X-Twilio-Signature': signature },
      body: new URLSearchParams(fields),
    });
    return { status: response.status, body: await response.text() };
  }

  const from = (name: string, fields: Record<string, string> = {}): Record<string, string> => ({
    From: `client:${encodeClientName(name)}`,
    user_id: userNamed(name)!.id,
    ...fields,
  });
  const answer = async (fields: Record<string, string>): Promise<string> => (await post(fields)).body;

  describe('signature', () => {
    const fields = from('alice', { To: 'bob' });
    let error: jest.SpiedFunction<typeof console.error>;
    beforeAll(() => {
      error = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    });
    afterAll(() => {
      error.mockRestore();
    });

    it('accepts what Twilio signed', async () => {
      await expect(post(fields)).resolves.toEqual({
        status: 200,
        body: `${XML}<Response><Dial answerOnBridge="true" timeout="25"><Client>bob</Client></Dial></Response>`,
      });
    });

    it.each<[string, Sent, Record<string, string>?]>([
      ['no signature', { signature: '' }],
      ['a signature of another auth token', { secret: 'x'.repeat(32) }],
      ['a signature for another host', { signed: 'https://other.example.com/voice' }],
      ['a request replayed to another path', { path: '/voice/status', signed: `${PUBLIC_URL}/voice` }],
      ['a request replayed with a query', { path: '/voice?a=1', signed: `${PUBLIC_URL}/voice` }],
      [
        'a field that was changed',
        { signature: getExpectedTwilioSignature(authToken, `${PUBLIC_URL}/voice`, fields) },
        { ...fields, To: 'carol' },
      ],
      [
        'a field that was added',
        { signature: getExpectedTwilioSignature(authToken, `${PUBLIC_URL}/voice`, fields) },
        { ...fields, extra: '1' },
      ],
    ])('rejects %s', async (_name, sent, changed = fields) => {
      await expect(post(changed, sent)).resolves.toEqual({ status: 403, body: 'Bad signature\n' });
    });

    it.each(['http://x/voice', 'http://x:1/voice', '//x/voice', 'http://['])(
      'rejects a request line with the address %s',
      async (target) => {
        const { port } = new URL(app.voiceUrl);
        const socket = connect(Number(port), '127.0.0.1');
        socket.end(
          `POST ${target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
        );
        expect((await text(socket)).split('\r\n', 1)).toEqual([expect.stringMatching(/^HTTP\/1.1 40[034] /)]);
      },
    );

    it('logs the address that the Twilio console must have, once a minute', () => {
      expect(error.mock.calls).toEqual([
        [
          'Voice URL: rejected a request with a bad signature. If Twilio sent it, check TWILIO_AUTH_TOKEN, and ' +
            `that the Twilio console has exactly ${PUBLIC_URL}/voice.`,
        ],
      ]);
    });

    it('answers other methods and paths with 404', async () => {
      for (const path of ['/', '/voice', '/token', '/session']) {
        expect((await fetch(new URL(path, app.voiceUrl))).status).toBe(404);
      }
    });
  });

  describe('a call to a person', () => {
    it.each(['Ann Veal', 'ann_veal', 'bob@example.com', 'Zoë', 'ann\u200b\u202e'])(
      'rings %s',
      async (name) => {
        await expect(answer(from('alice', { To: ` ${name} ` }))).resolves.toContain(
          `<Client>${encodeClientName(name.replaceAll(/[\u200b\u202e]/g, ''))}</Client>`,
        );
      },
    );

    it('escapes names in TwiML', async () => {
      await expect(answer(from('alice', { To: '</Client><Number>+1' }))).resolves.toContain(
        '<Client>_3C_2FClient_3E_3CNumber_3E_2B1</Client>',
      );
    });

    it.each([
      ['', 'There is nobody by this name.'],
      ['x'.repeat(500), 'There is nobody by this name.'],
      ['\u200b', 'There is nobody by this name.'],
      ['alice', 'You cannot call yourself.'],
      [' al\u200bice', 'You cannot call yourself.'],
    ])('rejects %j', async (to, reason) => {
      await expect(answer(from('alice', { To: to }))).resolves.toBe(said(reason));
    });
  });

  describe('a call to a phone number', () => {
    it('is limited in time and shows the caller ID', async () => {
      const dial = '<Dial answerOnBridge="true" callerId="+15550100199" timeLimit="1800" timeout="25">';
      await expect(answer(from('alice', { To: '+49 30 123 456' }))).resolves.toBe(
        `${XML}<Response>${dial}<Number>+4930123456</Number></Dial></Response>`,
      );
    });

    it.each([
      ['+4989123456', 'This phone number cannot be called from here.'],
      ['+442079460000', 'This phone number cannot be called from here.'],
      ['+1', 'This is not a phone number. Start with plus and the country code.'],
      ['911', 'This is not a phone number. Start with plus and the country code.'],
      ['(555) 010-0123', 'This is not a phone number. Start with plus and the country code.'],
      ['+1555x0100123', 'This is not a phone number. Start with plus and the country code.'],
      ['+1555010012345678', 'This is not a phone number. Start with plus and the country code.'],
    ])('rejects %s', async (to, reason) => {
      await expect(answer(from('alice', { To: to }))).resolves.toBe(said(reason));
    });
  });

  describe('the caller', () => {
    const refused = said('You are not allowed to make this call.');
    it.each([
      ['has no user_id', { From: 'client:alice', To: 'bob' }],
      ['has the user_id of another user', { ...from('mallory'), user_id: userNamed('alice')!.id, To: 'bob' }],
      ['has a name that sign-in does not produce', { ...from('alice'), From: 'client:a_b', To: 'bob' }],
      ['has an empty name', { From: 'client:', user_id: '', To: 'bob' }],
    ])('is rejected if it %s', async (_name, fields) => {
      await expect(answer(fields)).resolves.toBe(refused);
    });

    it('reaches ANSWER_AS when calling from outside, with any request fields', async () => {
      await expect(answer({ From: '+15550111', To: '+15550100199', user_id: '1' })).resolves.toContain(
        '<Client>Ann_20Veal</Client>',
      );
    });
  });

  describe('the log of calls that ended', () => {
    it.each([
      [{ CallSid: 'CA1', CallStatus: 'completed', CallDuration: '12' }, 'Call CA1 ended: completed, 12 s'],
      [{ CallSid: 'CA1', CallStatus: 'busy' }, 'Call CA1 ended: busy, ? s'],
      [
        { CallSid: 'a\u009b31m', CallStatus: 'b\u202e\u007f', CallDuration: '\u001b[31m' },
        'Call ? ended: ?, ? s',
      ],
    ])('has neither names, numbers nor control characters: %j', async (ended, line) => {
      lines.length = 0;
      const fields = from('alice', { To: '+4930123456', ...ended });
      await expect(post(fields, { path: '/voice/status' })).resolves.toEqual({ status: 204, body: '' });
      expect(lines).toEqual([line]);
    });
  });

  it('keeps the latest call of a user for the Inspector', async () => {
    const cookie = await signInFor(app.url, 'alice');
    await answer(from('alice', { To: 'bob' }));
    const fields = from('alice', { To: 'alice' });
    const xml = await answer(fields);
    const { body } = await send('GET', `${app.url}/calls/latest`, { Cookie: cookie });
    expect(JSON.parse(body)).toEqual({ call: { fields, twiml: xml, refusal: 'You cannot call yourself.' } });
  });
});

describe('a Voice URL without rules', () => {
  it('calls no phone number and answers no call from outside', async () => {
    const settings = { ...testSettings(), callerId: undefined, callablePrefixes: [], answerAs: undefined };
    const app = await startVoiceApp(settings);
    const ask = async (fields: Record<string, string>): Promise<string> => {
      const signature = getExpectedTwilioSignature(authToken, app.voiceUrl, fields);
      const body = new URLSearchParams(fields);
      return (
        await fetch(app.voiceUrl, { method: 'POST', headers: { 'X-Twilio-Signature': signature }, body })
      ).text();
    };
    const { id } = userNamed('alice')!;
    await expect(ask({ From: 'client:alice', user_id: id, To: '+15550100123' })).resolves.toBe(
      said('This phone number cannot be called from here.'),
    );
    await expect(ask({ From: '+15550111', To: '+15550199' })).resolves.toBe(
      said('Nobody answers this number at the moment. Goodbye.'),
    );
    await app.close(500);
  });

  it('is checked at the start, as Twilio would reach it', async () => {
    const app = await startVoiceApp(testSettings());
    const { voiceUrl } = app;
    await expect(checkVoiceUrl(voiceUrl, authToken)).resolves.toBe(
      'It can be reached. The TwiML app must have the same address.',
    );
    const error = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    await expect(checkVoiceUrl(voiceUrl, 'another')).resolves.toBe(
      'It answers with status 403 and no TwiML, so no call goes through. Check the tunnel.',
    );
    error.mockRestore();
    await app.close(500);
    await expect(checkVoiceUrl(voiceUrl, authToken)).resolves.toBe(
      'It cannot be reached, so no call goes through. Check the tunnel.',
    );
  });
});
