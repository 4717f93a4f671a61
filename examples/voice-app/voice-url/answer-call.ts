import { twiml } from 'twilio';
import { isPhoneNumberLike, parsePhoneNumber } from '../phone-number';
import type { Settings } from '../settings';
import { userNamed, type User } from '../user';
import { readCaller } from './caller';
import type { Fields } from './fields';

export type CallRules = Pick<Settings, 'callerId' | 'callablePrefixes' | 'answerAs'>;

const RING_SECONDS = 25;
/** Limits what one call to a phone number can cost. */
const LONGEST_NUMBER_CALL_SECONDS = 30 * 60;

/** Returns what Twilio should do with a call. */
export function answerCall(fields: Fields, rules: CallRules): twiml.VoiceResponse {
  const caller = readCaller(fields);
  if (caller === null) return refuse('You are not allowed to make this call.');
  if (caller.kind === 'outside') {
    const user = userNamed(rules.answerAs ?? '');
    return user ? ring(user) : refuse('Nobody answers this number at the moment. Goodbye.');
  }

  const to = fields['To'] ?? '';
  if (isPhoneNumberLike(to)) return callNumber(to, rules);
  const callee = userNamed(to);
  if (callee === null) return refuse('There is nobody by this name.');
  if (callee.id === caller.user.id) return refuse('You cannot call yourself.');
  return ring(callee);
}

function ring(user: User): twiml.VoiceResponse {
  const response = new twiml.VoiceResponse();
  response.dial({ answerOnBridge: true, timeout: RING_SECONDS }).client(user.clientName);
  return response;
}

function callNumber(text: string, { callerId, callablePrefixes }: CallRules): twiml.VoiceResponse {
  const number = parsePhoneNumber(text);
  if (number === null) return refuse('This is not a phone number. Start with plus and the country code.');
  if (callerId === undefined || !callablePrefixes.some((prefix) => number.startsWith(prefix))) {
    return refuse('This phone number cannot be called from here.');
  }
  const response = new twiml.VoiceResponse();
  response
    .dial({
      answerOnBridge: true,
      callerId,
      timeLimit: LONGEST_NUMBER_CALL_SECONDS,
      timeout: RING_SECONDS,
    })
    .number(number);
  return response;
}

function refuse(reason: string): twiml.VoiceResponse {
  const response = new twiml.VoiceResponse();
  response.say(reason);
  response.hangup();
  return response;
}
