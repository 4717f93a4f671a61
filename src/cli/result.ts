import { toVoiceGrant } from '../access-token/plan-voice-grant';
import type { DecodedToken } from '../decode-token';
import type { TokenError } from '../errors';
import type { Diagnosis } from './diagnosis';
import type { Subject } from './examine';
import { isTokenLike, tokenMember } from './faults';
import pageNumbers from './page-numbers.json';
import { describeGood } from './token-tables';

/** The result for a token, of one shape for every input. `--json` writes it whole. */
export type Result = ReturnType<typeof toResult>;

/** Puts what the library says of a token and its diagnosis together. */
export function toResult(subject: Subject, diagnosis: Diagnosis) {
  const { error, checkedWith, contents, token } = subject;
  const valid = error !== undefined ? false : checkedWith !== undefined ? true : null;
  const praise = diagnosis.verdict === undefined ? 'No problem found. ' : '';
  const caution = `${praise}Signature not checked: anyone could have written it.`;
  return {
    valid,
    verdict: verdictOf(subject, diagnosis),
    code: error?.code ?? null,
    field: error?.field ?? null,
    numbers: numbersOf(subject, diagnosis),
    advice: [...diagnosis.advice, ...(valid === null ? [caution] : [])],
    notes: diagnosis.notes,
    token: contents === undefined ? null : describeContents(contents),
    header: token?.header ?? null,
    claims: token?.claims ?? null,
    accessToken: contents?.kind === 'capability' ? toVoiceGrant(contents.scopes) : null,
  };
}

/** The result if there is no input. */
export function emptyResult(advice: string): Result {
  return {
    valid: null,
    verdict: 'NOT CHECKED: no input',
    code: null,
    field: null,
    numbers: [],
    advice: [advice],
    notes: [],
    token: null,
    header: null,
    claims: null,
    accessToken: null,
  };
}

/** At most 60 characters. */
function verdictOf(subject: Subject, { verdict }: Diagnosis): string {
  const { outcome, token, text, count, checkedWith } = subject;
  if (token === undefined && count < 2 && !isTokenLike(text)) return `NOT A TOKEN: ${verdict!}`;
  if (subject.error !== undefined) return `NOT VALID: ${verdict!}`;
  if (outcome === 'not checked') return `NOT CHECKED: ${verdict!}`;
  const [mark, and] = checkedWith === undefined ? ['UNVERIFIED', 'and'] : ['VALID', 'but'];
  return verdict === undefined ? `${mark} ${describeGood(subject)}` : `${mark}, ${and} ${verdict}`;
}

/** Lists the numbers that Twilio's gateway sends, with those that a page shows for them. */
function numbersOf({ error, token, text, count, json }: Subject, { numbers }: Diagnosis) {
  // Other text says nothing of what a page sends.
  const isPassed = count === 0 ? isTokenLike(text) || tokenMember(json) !== undefined : count === 1;
  if (token === undefined && !isPassed) return [];
  return (numbers ?? numbersOfError(error)).map((gateway) => {
    const shown = pageNumbers.numbers[String(gateway) as keyof typeof pageNumbers.numbers];
    const [voiceSdk, voiceSdkPrecise, , , twilioClient] = shown as [number, number, number, number, number];
    return { gateway, twilioClient, voiceSdk, voiceSdkPrecise };
  });
}

function numbersOfError(error: TokenError | undefined): readonly number[] {
  if (error === undefined) return [];
  // Twilio's page on 31204 also lists a wrong issuer. We do not know which number a wrong secret gets.
  const isEither = error.code === 'ERR_TOKEN_ISSUER' || error.code === 'ERR_TOKEN_SIGNATURE';
  return isEither ? [error.twilioCode, 31204] : [error.twilioCode];
}

/** Each scope with its properties and its URI. */
function describeContents({ scopes, ...contents }: DecodedToken): object {
  const described = scopes.map((scope) => Object.assign({}, scope, { uri: String(scope) }));
  // `outgoing` repeats one of the scopes; header and claims stand beside the token.
  return { ...contents, outgoing: undefined, header: undefined, claims: undefined, scopes: described };
}
