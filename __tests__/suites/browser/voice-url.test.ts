import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { encodeClientName } from 'twilio-capability';
import { testCredentials } from 'twilio-capability/testing';
import { getExpectedTwilioSignature } from 'twilio';
import { checkVoiceUrl, startVoiceApp, type VoiceApp } from '../../../examples/voice-app/server';
import { userNamed } from '../../../examples/voice-app/user';
import { testSettings } from './support/app';
import { send } from './support/http';

type Fields = Record<string, string>;

const PUBLIC_URL = 'https://calls.example.com:8443';
const authToken: string = testCredentials.authToken;
const respond = (verbs: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><Response>${verbs}</Response>`;
const say = (text: string): string => respond(`<Say>${text}</Say><Hangup/>`);
const dial = (attributes: string, noun: string): string =>
  respond(`<Dial answerOnBridge="true" ${attributes}timeout="25">${noun}</Dial>`);
const ring = (clientName: string): string => dial('', `<Client>${clientName}</Client>`);

const NOT_A_NUMBER = say('This is not a phone number. Start with plus and the country code.');
const NOT_CALLABLE = say('This phone number cannot be called from here.');
const NOT_ALLOWED = say('You are not allowed to make this call.');
const NOBODY = say('There is nobody by this name.');

describe('the Voice URL', () => {
  let app: VoiceApp;
  let error: jest.SpiedFunction<typeof console.error>;
  const lines: string[] = [];
  beforeAll(async () => {
    error = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const env = { CALLABLE_PREFIXES: '+1, +4930', ANSWER_AS: 'Ann Veal' };
    app = await startVoiceApp(testSettings({ PUBLIC_URL, ...env }), (line: string) => lines.push(line));
  });
  beforeEach(() => {
    lines.length = 0;
  });
  afterAll(async () => {
    error.mockRestore();
    await app.close(500);
  });

  const from = (name: string, to: string, fields: Fields = {}): Fields => ({
    From: `client:${encodeClientName(name)}`,
    user_id: userNamed(name)!.id,
    To: to,
    ...fields,
  });
  const sign = (fields: Fields, url = `${PUBLIC_URL}/voice`, secret = authToken): string =>
    getExpectedTwilioSignature(secret, url, fields);
  const post = async (fields: Fields, signature = sign(fields), path = '/voice') => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded', 'X-Twilio-Signature': signature };
    const { status, body } = await send(
      'POST',
      new URL(path, app.voiceUrl).href,
      headers,
      String(new URLSearchParams(fields)),
    );
    return { status, body };
  };

  it.each<[string, string]>([
    ['Ann Veal', ring('Ann_20Veal')],
    ['ann_veal', ring('ann_5Fveal')],
    [' bob@example.com ', ring('bob_40example_2Ecom')],
    ['ann\u200b\u202e', ring('ann')],
    ['</Client><Number>+1', ring('_3C_2FClient_3E_3CNumber_3E_2B1')],
    ['', NOBODY],
    ['x'.repeat(500), NOBODY],
    ['\u200b', NOBODY],
    [' al\u200bice', say('You cannot call yourself.')],
    ['+49 30 123 456', dial('callerId="+15550100199" timeLimit="1800" ', '<Number>+4930123456</Number>')],
    ['+4989123456', NOT_CALLABLE],
    ['+442079460000', NOT_CALLABLE],
    ['+1', NOT_A_NUMBER],
    ['911', NOT_A_NUMBER],
    ['(555) 010-0123', NOT_A_NUMBER],
    ['+1555x0100123', NOT_A_NUMBER],
    ['+1555010012345678', NOT_A_NUMBER],
  ])('answers a call to %j', async (to, twiml) => {
    await expect(post(from('alice', to))).resolves.toEqual({ status: 200, body: twiml });
  });

  it.each<[string, Fields, string]>([
    ['has no user_id', { From: 'client:alice', To: 'bob' }, NOT_ALLOWED],
    [
      'has the user_id of another user',
      from('mallory', 'bob', { user_id: userNamed('alice')!.id }),
      NOT_ALLOWED,
    ],
    ['has a name that sign-in does not produce', from('alice', 'bob', { From: 'client:a_b' }), NOT_ALLOWED],
    ['has an empty name', { From: 'client:', user_id: '', To: 'bob' }, NOT_ALLOWED],
    [
      'calls from outside, with any fields',
      { From: '+15550111', To: '+1', user_id: '1' },
      ring('Ann_20Veal'),
    ],
  ])('decides about a caller who %s', async (_caller, fields, twiml) => {
    await expect(post(fields)).resolves.toEqual({ status: 200, body: twiml });
  });

  const fields = from('alice', 'bob');
  it.each<[string, Fields, string?, string?]>([
    ['no signature', fields, ''],
    ['a signature of another auth token', fields, sign(fields, undefined, 'x'.repeat(32))],
    ['a signature for another host', fields, sign(fields, 'https://other.example.com/voice')],
    ['a request replayed with a query', fields, sign(fields), '/voice?a=1'],
    ['a field that was changed', { ...fields, To: 'carol' }, sign(fields)],
    ['a field that was added', { ...fields, extra: '1' }, sign(fields)],
  ])('rejects %s', async (_name, ...request) => {
    await expect(post(...request)).resolves.toEqual({ status: 403, body: 'Bad signature\n' });
  });

  it.each(['http://x/voice', 'http://x:1/voice', '//x/voice', 'http://['])(
    'rejects a request line with the address %s',
    async (target) => {
      const socket = connect(Number(new URL(app.voiceUrl).port), '127.0.0.1');
      socket.end(
        `POST ${target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
      );
      expect((await text(socket)).split('\r\n', 1)).toEqual([expect.stringMatching(/^HTTP\/1.1 40[034] /)]);
    },
  );

  it('has logged once which address the Twilio console must have', () => {
    expect(error.mock.calls).toEqual([
      [expect.stringMatching(/ exactly https:\/\/calls\.example\.com:8443\/voice\.$/)],
    ]);
  });

  it.each(['/', '/voice', '/token', '/session'])('answers GET %s with 404', async (path) => {
    expect((await send('GET', new URL(path, app.voiceUrl).href)).status).toBe(404);
  });

  const sid = `CA${'0'.repeat(32)}`;
  it.each([
    [from('alice', '+4930123456', { CallSid: sid }), `Call ${sid}: connecting`],
    [from('alice', 'alice', { CallSid: sid }), `Call ${sid}: You cannot call yourself.`],
    [from('alice', 'bob', { CallSid: 'a\u009b31m\u202e\u007f\u001b[31m' }), 'Call without a SID: connecting'],
  ])('logs neither names, numbers nor control characters: %j', async (call, line) => {
    await post(call);
    expect(lines).toEqual([line]);
  });
});

it('calls no number and answers nobody from outside without settings for them, and is checked at the start', async () => {
  const error = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const none = { callerId: undefined, callablePrefixes: [], answerAs: undefined };
  const app = await startVoiceApp({ ...testSettings(), ...none }, () => undefined);
  const { voiceUrl } = app;
  const ask = async (fields: Fields): Promise<string> => {
    const headers = { 'X-Twilio-Signature': getExpectedTwilioSignature(authToken, voiceUrl, fields) };
    return (await fetch(voiceUrl, { method: 'POST', headers, body: new URLSearchParams(fields) })).text();
  };
  const call = { From: 'client:alice', user_id: userNamed('alice')!.id, To: '+15550100123' };
  await expect(ask(call)).resolves.toBe(NOT_CALLABLE);
  const nobody = say('Nobody answers this number at the moment. Goodbye.');
  await expect(ask({ From: '+15550111', To: '+15550199' })).resolves.toBe(nobody);

  await expect(checkVoiceUrl(voiceUrl, authToken)).resolves.toMatch(/^It can be reached\./);
  await expect(checkVoiceUrl(voiceUrl, 'another')).resolves.toMatch(
    /^It answers with status 403 and no TwiML/,
  );
  await app.close(500);
  await expect(checkVoiceUrl(voiceUrl, authToken)).resolves.toMatch(/^It cannot be reached/);
  error.mockRestore();
});
