import type { OutgoingScope } from '../scopes/outgoing-scope';
import type { ScopeParamsText } from '../scopes/params';
import type { Scope } from '../scopes/parse-scope';
import { clientNameOf, collectScopes } from '../scopes/scope-list';

/** The `voice` grant of an Access Token. Permissions that are not granted are absent. */
export interface VoiceGrant {
  /** Receive calls under the identity of the token. */
  readonly incoming?: {
    /** Always true. */
    readonly allow: true;
  };
  /** Make calls through an application, from the identity of the token. */
  readonly outgoing?: {
    /** The SID of the TwiML application whose Voice URL answers the calls. */
    readonly application_sid: string;
    /** Parameters that Twilio sends to the Voice URL. Absent if there are none. */
    readonly params?: ScopeParamsText;
  };
}

/** A part of a scope that has no counterpart in an Access Token. */
export interface Dropped {
  /** The scope that it belongs to. */
  readonly scope: Scope;
  /** The whole scope, or only its name: the rest of the scope then applies to the identity. */
  readonly part: 'scope' | 'clientName';
}

/** The Access Token equivalent of scopes, and what is lost. */
export interface VoiceGrantPlan {
  /** The identity of the token, for both directions. Null if no scope has a client name. */
  readonly identity: string | null;
  /** The `grants.voice` claim. */
  readonly voice: VoiceGrant;
  /** What has no counterpart, in the order of the scopes. */
  readonly dropped: readonly Dropped[];
  /** A note for each dropped part, in the same order, then for everything else that changes. */
  readonly notes: readonly string[];
}

/**
 * Maps scopes to a voice grant as Twilio does. The identity is the first incoming client name, else the first outgoing
 * one. The application and its params become the outgoing grant.
 * The first scope of each kind counts. What has no counterpart is listed in `dropped`.
 *
 * Accepts any set of scopes, including none and repeated ones.
 *
 * @throws {ScopeError} `ERR_SCOPE_INVALID`, field `scopes`: not a scope of this library.
 * @see https://www.twilio.com/docs/voice/sdks/javascript/migrating-capability-token
 * @example
 * const { identity, voice, dropped } = toVoiceGrant(parseScopes(claim));
 */
export function toVoiceGrant(scopes: Scope | Iterable<Scope>): VoiceGrantPlan {
  return planVoiceGrant(collectScopes(scopes));
}

/**
 * Maps scopes to a voice grant.
 *
 * @param override - The identity to use instead of the client names. Each other client name is listed in `dropped`.
 */
export function planVoiceGrant(scopes: readonly Scope[], override?: string): VoiceGrantPlan {
  const incoming = scopes.filter((scope) => scope.kind === 'incoming');
  const outgoing = scopes.find((scope) => scope.kind === 'outgoing');
  const received = incoming.find(({ clientName }) => clientName === override) ?? incoming[0];
  const identity = override ?? clientNameOf(scopes) ?? null;
  const losses = scopes
    .map((scope) => lossOf(scope, { identity, received: received?.clientName, outgoing }))
    .filter((loss) => loss !== undefined);

  const notes = losses.map(({ note }) => note);
  if (outgoing !== undefined && outgoing.clientName === undefined && identity !== null) {
    notes.push(`Outgoing calls will come from ${inQuotes(identity)}. The outgoing scope has no client name.`);
  }
  if (received === undefined && outgoing === undefined) notes.push('No calls are allowed, in or out.');
  if (identity === null) notes.push('No scope has a client name. Pass an identity when you sign.');

  return Object.freeze({
    identity,
    voice: Object.freeze({
      ...(received && { incoming: Object.freeze({ allow: true as const }) }),
      ...(outgoing && { outgoing: outgoingGrant(outgoing) }),
    }),
    dropped: Object.freeze(losses.map(({ scope, part }) => Object.freeze({ scope, part }))),
    notes: Object.freeze(notes),
  });
}

interface Loss extends Dropped {
  readonly note: string;
}

/** The identity, incoming name and outgoing scope of the token. */
interface Kept {
  readonly identity: string | null;
  readonly received: string | undefined;
  readonly outgoing: OutgoingScope | undefined;
}

function lossOf(scope: Scope, { identity, received, outgoing }: Kept): Loss | undefined {
  switch (scope.kind) {
    case 'incoming':
      if (scope.clientName === identity) return undefined;
      return {
        scope,
        part: scope.clientName === received ? 'clientName' : 'scope',
        note:
          `Calls to ${inQuotes(scope.clientName)} will not reach this client. An Access Token has one identity, ` +
          `here ${inQuotes(identity)}.`,
      };
    case 'outgoing':
      if (String(scope) !== String(outgoing)) {
        return {
          scope,
          part: 'scope',
          note:
            scope.applicationSid === outgoing?.applicationSid
              ? `Only the first scope for ${scope.applicationSid} is used.`
              : `Calls through ${scope.applicationSid} will fail. An Access Token has one outgoing application.`,
        };
      }
      if (scope.clientName === undefined || scope.clientName === identity) return undefined;
      return {
        scope,
        part: 'clientName',
        note:
          `Outgoing calls will come from ${inQuotes(identity)} instead of ${inQuotes(scope.clientName)}. ` +
          'An Access Token has one identity.',
      };
    case 'event-stream':
      return {
        scope,
        part: 'scope',
        note: 'The client will receive no events. Access Tokens have no event stream.',
      };
    case 'other':
      return {
        scope,
        part: 'scope',
        note: `A voice grant has no counterpart for ${inQuotes(`${scope.service}:${scope.privilege}`)}.`,
      };
  }
}

function outgoingGrant({ applicationSid, params }: OutgoingScope): NonNullable<VoiceGrant['outgoing']> {
  return Object.freeze({
    application_sid: applicationSid,
    ...(Object.keys(params).length > 0 && { params }),
  });
}

function inQuotes(text: string | null): string {
  return JSON.stringify(text);
}
