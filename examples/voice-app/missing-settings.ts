import type { Settings } from './settings';

/** Describes the optional settings that are missing, and what does not work without each. */
export function missingSettings(settings: Settings): string[] {
  const { publicUrl, callerId, callablePrefixes, answerAs } = settings;
  const missing: string[] = [];
  if (publicUrl === undefined) {
    missing.push('PUBLIC_URL: Twilio cannot reach the Voice URL, so no call goes through.');
  }
  if (callerId === undefined) missing.push('TWILIO_CALLER_ID: users cannot call phone numbers.');
  if (callablePrefixes.length === 0) missing.push('CALLABLE_PREFIXES: users cannot call phone numbers.');
  if (answerAs === undefined) missing.push('ANSWER_AS: nobody answers calls to your Twilio number.');
  return missing;
}
