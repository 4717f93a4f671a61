import { SignError } from '../errors';
import { collectScopes } from '../scopes/scope-list';
import { scopeUri, type Scope, type ScopeParamsText } from '../scopes/scope';

/** What an Access Token allows in Twilio Voice, as its `grants.voice` has it. What is not allowed is not there. */
export interface VoiceGrant {
  /** Receive calls, under the identity of the token. */
  readonly incoming?: {
    /** Always true. */
    readonly allow: true;
  };
  /** Place calls through an application, from the identity of the token. */
  readonly outgoing?: {
    /** The SID of the TwiML application whose VoiceUrl answers the calls. */
    readonly application_sid: string;
    /** What Twilio passes on to the VoiceUrl; absent where there is none. */
    readonly params?: ScopeParamsText;
  };
}

/** Something in a scope that an Access Token has no place for. */
export interface Dropped {
  /** Where it is from. */
  readonly scope: Scope;
  /** The whole scope, or only its name: what else the scope allows is then still allowed, as the identity. */
  readonly part: 'scope' | 'clientName';
}

/** What scopes turn into as an Access Token, and what is lost on the way. */
export interface VoiceGrantPlan {
  /** The one name that an Access Token has, for both directions; null where no scope gives any. */
  readonly identity: string | null;
  /** What the token allows, as its claim `grants.voice`. */
  readonly voice: VoiceGrant;
  /** What has no counterpart, in the order of the scopes. Empty: nothing is lost. */
  readonly dropped: readonly Dropped[];
  /** In plain words: a note for each thing dropped, in the same order, then whatever else will differ. */
  readonly notes: readonly string[];
}

/**
 * Says what scopes become as an Access Token, by Twilio's own mapping: the incoming client name becomes the
 * identity, with incoming calls allowed; an outgoing client name becomes the identity too; the application
 * and its params become the outgoing grant. The first incoming scope and the first outgoing one count, and
 * the incoming name before the outgoing one. What has no counterpart is listed, never left out in silence.
 *
 * Signs nothing and refuses no set of scopes: none, or the same one twice, is as good as any.
 *
 * @throws {ScopeError} `ERR_SCOPE_INVALID`, field `scopes`: something that is no scope of this library.
 * @see https://www.twilio.com/docs/voice/sdks/javascript/migrating-capability-token
 * @example
 * const { identity, voice, dropped } = toVoiceGrant(parseScopes(claim));
 */
export function toVoiceGrant(scopes: Scope | Iterable<Scope>): VoiceGrantPlan {
  return planVoiceGrant(collectScopes(scopes));
}

/**
 * The same for a list of scopes, with an identity that the caller may have given: it counts before the names
 * of the scopes, and a name unlike it has no counterpart.
 */
export function planVoiceGrant(scopes: readonly Scope[], given?: string): VoiceGrantPlan {
  const incoming = scopes.filter((scope) => scope.kind === 'incoming');
  const outgoing = scopes.find((scope) => scope.kind === 'outgoing');
  const received = incoming.find(({ clientName }) => clientName === given) ?? incoming[0];
  const identity = given ?? received?.clientName ?? outgoing?.clientName ?? null;
  const dropped: Dropped[] = [];
  const notes: string[] = [];
  const drop = (scope: Scope, part: Dropped['part'], note: string): void => {
    dropped.push(Object.freeze({ scope, part }));
    notes.push(note);
  };
  const name = quote(identity ?? '');

  for (const scope of scopes) {
    switch (scope.kind) {
      case 'incoming':
        if (scope.clientName === identity) break;
        drop(
          scope,
          scope.clientName === received!.clientName ? 'clientName' : 'scope',
          `Calls to ${quote(scope.clientName)} will not reach this client: an Access Token has one identity, ` +
            `here ${name}.`,
        );
        break;
      case 'outgoing':
        if (scopeUri(scope) !== scopeUri(outgoing!)) {
          drop(
            scope,
            'scope',
            `An Access Token has one outgoing application, with one set of params: the first one counts, ` +
              `and this scope for ${scope.applicationSid} does not.`,
          );
        } else if (scope.clientName !== undefined && scope.clientName !== identity) {
          drop(
            scope,
            'clientName',
            `Outgoing calls will come from ${name}, not from ${quote(scope.clientName)}: an Access Token has ` +
              'one identity.',
          );
        }
        break;
      case 'event-stream':
        drop(scope, 'scope', 'An Access Token has no event stream: the client will not be told of events.');
        break;
      case 'other':
        drop(
          scope,
          'scope',
          `A voice grant has nothing like ${quote(`${scope.service}:${scope.privilege}`)}.`,
        );
    }
  }

  if (outgoing !== undefined && outgoing.clientName === undefined && identity !== null) {
    notes.push(`Outgoing calls will come from ${name}: until now they came from no client name.`);
  }
  if (received === undefined && outgoing === undefined) notes.push('No calls are allowed, in or out.');
  if (identity === null) notes.push('No scope gives a client name: pass an identity when you sign.');
  return Object.freeze({
    identity,
    voice: Object.freeze({
      ...(received && { incoming: INCOMING }),
      ...(outgoing && { outgoing: outgoingGrant(outgoing.applicationSid, outgoing.params) }),
    }),
    dropped: Object.freeze(dropped),
    notes: Object.freeze(notes),
  });
}

const INCOMING = Object.freeze({ allow: true });

function outgoingGrant(applicationSid: string, params: ScopeParamsText): NonNullable<VoiceGrant['outgoing']> {
  return Object.freeze({
    application_sid: applicationSid,
    ...(Object.keys(params).length > 0 && { params }),
  });
}

function quote(text: string): string {
  return JSON.stringify(text);
}

/** What each drop is called where a value of the caller's is not to be shown. */
const KINDS: Readonly<Record<Dropped['part'], Readonly<Record<Scope['kind'], string>>>> = {
  scope: {
    incoming: 'a second incoming client name',
    outgoing: 'a second outgoing scope',
    'event-stream': 'an event stream',
    other: 'a scope of another service or privilege',
  },
  clientName: {
    incoming: 'an incoming client name unlike the identity',
    outgoing: 'an outgoing client name unlike the identity',
    'event-stream': '',
    other: '',
  },
};

/** The error for scopes that would lose something. */
export function notMappable(dropped: readonly Dropped[]): SignError {
  const kinds = new Set(dropped.map(({ scope, part }) => KINDS[part][scope.kind]));
  return new SignError(
    'ERR_NOT_MAPPABLE',
    `An Access Token has no counterpart for ${[...kinds].join(', ')}. toVoiceGrant(scopes) tells more; to ` +
      'sign without, pass { dropUnmappable: true }.',
    'scopes',
  );
}
