import { checkClientName, CLIENT_NAME } from './client-name';
import { ScopeError } from '../errors';
import { readFlag, readOptions } from '../options';
import { NO_PARAMS, readParams, type ParamsOf, type ScopeParams, type ScopeParamsText } from './params';
import {
  decodeInner,
  decodeOuter,
  encode,
  formatParams,
  formatQuery,
  malformed,
  optionalPart,
  parseParams,
  parseScopeUri,
  splitClaim,
  type QueryPart,
  type ScopeUri,
} from './scope-uri';
import { isSid, SID } from '../sid';

export { decodeClientName, encodeClientName } from './client-name';
export type { ParamsOf, ScopeParam, ScopeParams, ScopeParamsText } from './params';

/** One thing that a token allows. `kind` tells which, and narrows the type. */
export type Scope = IncomingScope | OutgoingScope | EventStreamScope | OtherScope;

/** Options of an {@link IncomingScope}. */
export interface IncomingScopeOptions {
  /** Take any name of 1 to 256 characters, not only Twilio's documented `[A-Za-z0-9_]{1,121}`. */
  readonly allowAnyName?: boolean | undefined;
}

/** Options of an {@link OutgoingScope}. */
export interface OutgoingScopeOptions<P extends ParamsOf<P> = ScopeParams> {
  /** The name the calls come from: `From` is `client:<clientName>`. Default: none. */
  readonly clientName?: string | undefined;
  /** What Twilio passes on to the application's VoiceUrl with each call. Default: none. */
  readonly params?: P | undefined;
  /** As for an {@link IncomingScope}. */
  readonly allowAnyName?: boolean | undefined;
}

const EVENTS_PATH = '/2010-04-01/Events';
/** Proof that an {@link OtherScope} is made by {@link parseScope}. */
const PARSED = Symbol('parsed');

/** Options of which all has been checked, the name and SID beside them too: only this file can make them. */
class CheckedOptions {
  readonly #checked = true;
  declare readonly allowAnyName?: boolean;
  readonly clientName: string | undefined;
  readonly params: ScopeParamsText;

  constructor(clientName?: string, params = NO_PARAMS) {
    this.clientName = clientName;
    this.params = params;
  }

  static is(options: unknown): options is CheckedOptions {
    return typeof options === 'object' && options !== null && #checked in options;
  }
}

/** What all scopes have in common: a URI, written when it is first asked for. */
abstract class BaseScope {
  #uri: string | undefined = undefined;

  /** The scope URI, in this library's own form whichever SDK wrote the text it was read from. */
  toString(): string {
    return (this.#uri ??= writeScope(this as unknown as Scope));
  }

  /** The same as {@link toString}. */
  toJSON(): string {
    return this.toString();
  }

  /** @internal */
  static isScope(value: unknown): value is Scope {
    return typeof value === 'object' && value !== null && #uri in value;
  }
}

/**
 * Whether a value is a scope of this library: not a string, a look-alike or a Proxy of one.
 *
 * @internal
 */
export const isScope = (value: unknown): value is Scope => BaseScope.isScope(value);

/**
 * Checks what an outgoing scope is to be made of; options that are the caller's own copy, they are not read again.
 *
 * @returns Makes the scope. One that was given no client name takes the name it is then called with.
 * @internal
 */
export function outgoingMaker(
  applicationSid: string,
  options: { [P in keyof OutgoingScopeOptions]?: unknown },
): (clientName?: string) => OutgoingScope {
  const { clientName, params } = checkOutgoing(applicationSid, options);
  return (otherName) =>
    new OutgoingScope(applicationSid, new CheckedOptions(clientName ?? otherName, params));
}

/** The URI of a scope, whatever a subclass makes of `toString`. @internal */
export const scopeUri = (scope: Scope): string => BaseScope.prototype.toString.call(scope);

/**
 * Receive calls under a client name. Immutable.
 *
 * @example
 * String(new IncomingScope('alice')); // 'scope:client:incoming?clientName=alice'
 */
export class IncomingScope extends BaseScope {
  /** Tells it from the other scopes, and narrows the type. */
  readonly kind = 'incoming';
  /** The name that a call is placed to: `<Client>alice</Client>`. */
  readonly clientName: string;

  /**
   * @param clientName - `[A-Za-z0-9_]{1,121}`; for other text see {@link encodeClientName}.
   * @throws {ScopeError} `ERR_SCOPE_INVALID`, field `clientName`.
   * @throws {SignError} `ERR_OPTIONS_INVALID`: an unknown option, or `allowAnyName` not a boolean.
   */
  constructor(clientName: string, options?: IncomingScopeOptions) {
    if (!CheckedOptions.is(options)) {
      const { allowAnyName } = readOptions(options, ['allowAnyName']);
      checkClientName(clientName, readFlag(allowAnyName, 'allowAnyName'));
    }
    super();
    this.clientName = clientName;
    Object.freeze(this);
  }
}

/**
 * Place calls through a Twilio application. Immutable.
 *
 * @example
 * new OutgoingScope('APabe7650f654fc34655fc81ae71caa3ff', { clientName: 'alice', params: { user_id: 42 } });
 */
// The parameter type is there for inference alone: it lets an interface be passed where ScopeParams, with
// its index signature, would refuse it.
export class OutgoingScope<P extends ParamsOf<P> = ScopeParams> extends BaseScope {
  /** Tells it from the other scopes, and narrows the type. */
  readonly kind = 'outgoing';
  /** The SID of the TwiML application whose VoiceUrl answers the calls. */
  readonly applicationSid: string;
  /** The name the calls come from; absent where the scope has none. */
  declare readonly clientName?: string;
  /** What Twilio passes on to the VoiceUrl, as strings; empty where there is none. */
  readonly params: ScopeParamsText;

  /**
   * @param applicationSid - `AP` and 1 to 32 ASCII letters or digits.
   * @throws {ScopeError} `ERR_SCOPE_INVALID`, field `applicationSid`, `clientName` or `params`.
   * @throws {SignError} `ERR_OPTIONS_INVALID`: an unknown option, or `allowAnyName` not a boolean.
   */
  constructor(applicationSid: string, options?: OutgoingScopeOptions<P>) {
    const { clientName, params } = CheckedOptions.is(options)
      ? options
      : checkOutgoing(applicationSid, readOptions(options, ['clientName', 'params', 'allowAnyName']));

    super();
    this.applicationSid = applicationSid;
    if (clientName !== undefined) this.clientName = clientName;
    this.params = params;
    Object.freeze(this);
  }
}

function checkOutgoing(
  applicationSid: unknown,
  { clientName, params, allowAnyName }: { [P in keyof OutgoingScopeOptions]?: unknown },
): CheckedOptions {
  const anyName = readFlag(allowAnyName, 'allowAnyName');
  checkApplicationSid(applicationSid);
  if (clientName !== undefined) checkClientName(clientName, anyName);
  return new CheckedOptions(clientName, readParams(params, 'params'));
}

function checkApplicationSid(applicationSid: unknown): void {
  if (isSid('AP', applicationSid)) return;
  throw new ScopeError(
    'ERR_SCOPE_INVALID',
    'An application SID is "AP" followed by 1 to 32 letters or digits. ' +
      'Find it in the Twilio console, under TwiML Apps.',
    'applicationSid',
  );
}

/**
 * Subscribe to the account's event stream. Immutable.
 *
 * @example
 * new EventStreamScope({ CallStatus: 'completed' });
 */
export class EventStreamScope<P extends ParamsOf<P> = ScopeParams> extends BaseScope {
  /** Tells it from the other scopes, and narrows the type. */
  readonly kind = 'event-stream';
  /** Which events, as strings; empty for all. */
  readonly filters: ScopeParamsText;

  /**
   * @param filters - Default: none, for all events.
   * @throws {ScopeError} `ERR_SCOPE_INVALID`, field `filters`.
   */
  constructor(filters?: P) {
    const text = readParams(filters, 'filters');
    super();
    this.filters = text;
    Object.freeze(this);
  }
}

/**
 * A scope of a service or privilege that this library has no class for, so that a newer token stays
 * readable. Immutable; made by {@link parseScope} only.
 */
export class OtherScope extends BaseScope {
  /** Tells it from the other scopes, and narrows the type. */
  readonly kind = 'other';
  /** The first word after `scope:`, such as `video`. */
  readonly service: string;
  /** The word after the service, such as `join`. */
  readonly privilege: string;
  /** The query, decoded once. */
  readonly params: ScopeParamsText;

  private constructor(proof: symbol, uri: ScopeUri) {
    if (proof !== PARSED) {
      throw new ScopeError('ERR_SCOPE_INVALID', 'An OtherScope is made by parseScope only.', 'scope');
    }
    const [service, privilege] = uri.name.split(':');
    super();
    this.service = service!;
    this.privilege = privilege!;
    this.params = Object.freeze(Object.fromEntries(uri.query.map(({ key, value = '' }) => [key, value])));
    Object.freeze(this);
  }

  /** @internal */
  static parsed(uri: ScopeUri): OtherScope {
    const keys = uri.query.map(({ key }) => key);
    if (new Set(keys).size !== keys.length) throw malformed('A scope names one key twice.', 'scope');
    if (keys.includes('__proto__')) throw malformed('A scope has a key "__proto__".', 'scope');
    return new OtherScope(PARSED, uri);
  }
}

function writeScope(scope: Scope): string {
  switch (scope.kind) {
    case 'incoming':
      return `scope:client:incoming?clientName=${encode(scope.clientName)}`;
    case 'outgoing': {
      const { applicationSid, clientName = '', params } = scope;
      const name = optionalPart('clientName', encode(clientName));
      return `scope:client:outgoing?appSid=${applicationSid}${name}${optionalPart('appParams', formatParams(params))}`;
    }
    case 'event-stream':
      return `scope:stream:subscribe?path=${encode(EVENTS_PATH)}${optionalPart('params', formatParams(scope.filters))}`;
    case 'other':
      return `scope:${scope.service}:${scope.privilege}${formatQuery(scope.params)}`;
  }
}

/**
 * Reads one scope URI, in the dialect of any Twilio SDK.
 *
 * @throws {ScopeError} `ERR_SCOPE_MALFORMED`: not a scope URI, bad percent-encoding, a repeated key, or a
 *   known scope whose parts no {@link IncomingScope}, {@link OutgoingScope} or {@link EventStreamScope} could
 *   have (any client name that `allowAnyName` takes can be read).
 * @example
 * const scope = parseScope('scope:client:incoming?clientName=support+agent');
 * if (scope.kind === 'incoming') scope.clientName; // 'support agent'
 */
export function parseScope(uri: string): Scope {
  if (typeof uri !== 'string') throw malformed('A scope URI must be a string.', 'scope');
  const usual = USUAL_SCOPE.exec(uri);
  if (usual !== null) return readUsual(usual);
  const parsed = parseScopeUri(uri);
  try {
    return readScope(parsed);
  } catch (error) {
    // What may not be built may not be read either; but here it is the text that is at fault.
    if (error instanceof ScopeError && error.code === 'ERR_SCOPE_INVALID') {
      throw malformed(`A scope does not parse. ${error.message}`, error.field!);
    }
    throw error;
  }
}

/**
 * Reads the whole `scope` claim of a token: scope URIs joined by spaces. A word that is not the start of a
 * scope continues the scope before it, since twilio-java and twilio-csharp write a client name unescaped.
 *
 * @returns The scopes in order; none for the empty string.
 * @throws {ScopeError} `ERR_SCOPE_MALFORMED`, as {@link parseScope}.
 */
export function parseScopes(claim: string): Scope[] {
  if (typeof claim !== 'string') throw malformed('A scope claim must be a string.', 'scope');
  return claim === '' ? [] : splitClaim(claim).map(parseScope);
}

const NAME = within(CLIENT_NAME);

/**
 * How the scopes of nearly every token are written: their parts in this order, and in each name and SID what the
 * rules let through. One look takes such a one apart and checks it; {@link parseScopeUri} takes any.
 */
const USUAL_SCOPE = new RegExp(
  `^scope:client:(?:incoming\\?clientName=(${NAME})|outgoing\\?appSid=(${within(SID.AP)})` +
    `(?:&clientName=(${NAME}))?(?:&appParams=([\\w.~%-]+))?)$`,
);

/** The pattern of a rule for a whole text, for use within that of a longer one. */
function within(rule: RegExp): string {
  return rule.source.slice('^'.length, -'$'.length);
}

function readUsual([, name, applicationSid, clientName, params = '']: RegExpExecArray): Scope {
  if (name !== undefined) return new IncomingScope(name, CHECKED);
  const options = new CheckedOptions(clientName, parseParams(decodeOuter(params), 'params'));
  return new OutgoingScope(applicationSid!, options);
}

function readScope(uri: ScopeUri): Scope {
  switch (uri.name) {
    case 'client:incoming':
      return new IncomingScope(readName(pick(uri.query, 'clientName')), CHECKED);
    case 'client:outgoing': {
      const applicationSid = pick(uri.query, 'appSid');
      checkApplicationSid(applicationSid);
      const clientName = pick(uri.query, 'clientName');
      const params = parseParams(pick(uri.query, 'appParams'), 'params');
      return new OutgoingScope(
        applicationSid,
        new CheckedOptions(clientName === '' ? undefined : readName(clientName), params),
      );
    }
    case 'stream:subscribe':
      return readEventStream(uri);
    default:
      return OtherScope.parsed(uri);
  }
}

function readName(clientName: string): string {
  checkClientName(clientName, true);
  return clientName;
}

function readEventStream(uri: ScopeUri): Scope {
  if (pick(uri.query, 'path') !== EVENTS_PATH) return OtherScope.parsed(uri);
  // twilio-ruby 7 joins its filters by a bare "&": each after the first stands alone, without a "=".
  const strays = uri.query.filter(({ value }) => value === undefined).map(({ key }) => key);
  const written = [pick(uri.query, 'params', 'appParams'), ...strays].join('&');
  // The Go module encodes the whole once too often.
  const filters = written.includes('=') ? written : decodeInner(written);
  return new EventStreamScope(parseParams(filters, 'filters'));
}

/** The value of the one query part with this key, or its other spelling; '' where there is none. */
function pick(query: readonly QueryPart[], name: string, alias = name): string {
  let found: QueryPart | undefined;
  for (const part of query) {
    if (part.key !== name && part.key !== alias) continue;
    if (found !== undefined) throw malformed(`A scope names "${name}" twice.`, 'scope');
    found = part;
  }
  return found?.value ?? '';
}

const CHECKED = new CheckedOptions();
