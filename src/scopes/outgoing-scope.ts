import { stringify } from 'node:querystring';
import { ScopeError } from '../errors';
import { readOptions } from '../options';
import { isPlainObject } from '../plain-object';
import { isSid } from '../sid';
import { BaseScope } from './base-scope';
import { validateAllowAnyName, validateClientName } from './client-name';
import { validateParams, type ParamsOf, type ScopeParams, type ScopeParamsText } from './params';
import { formatPart, parseParams, queryValue, type ScopeQuery } from './scope-uri';

/** Options of an {@link OutgoingScope}. */
export interface OutgoingScopeOptions<P extends ParamsOf<P> = ScopeParams> {
  /** The name that calls come from: Twilio sends `From=client:<clientName>`. Default: none. */
  readonly clientName?: string | undefined;
  /** Parameters that Twilio sends to the application's Voice URL with each call. Default: none. */
  readonly params?: P | undefined;
  /** Accept any client name of up to 256 characters without control characters. Default: false. */
  readonly allowAnyName?: boolean | undefined;
}

const OPTIONS = ['clientName', 'params', 'allowAnyName'];

/**
 * Allows a client to make calls through a TwiML application. Immutable.
 *
 * @example
 * new OutgoingScope('APabe7650f654fc34655fc81ae71caa3ff', { clientName: 'alice', params: { user_id: 42 } });
 */
// The type parameter exists for inference: an interface, which has no index signature, does not match ScopeParams.
export class OutgoingScope<P extends ParamsOf<P> = ScopeParams> extends BaseScope {
  /** Identifies the kind of scope and narrows the type. */
  readonly kind = 'outgoing';
  /** The SID of the TwiML application whose Voice URL answers the calls. */
  readonly applicationSid: string;
  /** The name that calls come from, if there is one. */
  readonly clientName: string | undefined;
  /** Parameters that Twilio sends to the Voice URL, as strings. Empty if there are none. */
  readonly params: ScopeParamsText;

  /**
   * Creates a scope to make calls.
   *
   * @param applicationSid - `AP` followed by 1 to 32 letters or digits.
   * @throws {ScopeError} `ERR_SCOPE_INVALID`, field `applicationSid`, `clientName` or `params`.
   * @throws {ConfigError} `ERR_OPTIONS_INVALID`.
   */
  constructor(applicationSid: string, options?: OutgoingScopeOptions<P>) {
    const given = readOptions(OPTIONS, options);
    const allowAnyName = validateAllowAnyName(given['allowAnyName']);
    validateApplicationSid(applicationSid);
    const { clientName } = given;
    if (clientName !== undefined) validateClientName(clientName, allowAnyName);
    const params = validateParams('params', given['params']);
    const name = formatPart('clientName', clientName);
    const appParams = formatPart('appParams', stringify(params));
    super(`scope:client:outgoing?appSid=${applicationSid}${name}${appParams}`);
    this.applicationSid = applicationSid;
    // Always an own property: a polluted Object.prototype would supply one that is absent.
    this.clientName = clientName;
    this.params = params;
    Object.freeze(this);
  }
}

function validateApplicationSid(applicationSid: unknown): void {
  if (isSid('AP', applicationSid)) return;
  const advice = isPlainObject(applicationSid) ? ' Pass the SID first, then the options.' : '';
  throw new ScopeError(
    'ERR_SCOPE_INVALID',
    `Application SID must be "AP" followed by 1 to 32 letters or digits.${advice}`,
    'applicationSid',
  );
}

/** Creates the scope from a parsed URI. */
export function parseOutgoingScope(query: ScopeQuery): OutgoingScope {
  const clientName = queryValue(query, 'clientName');
  return new OutgoingScope(queryValue(query, 'appSid'), {
    clientName: clientName === '' ? undefined : clientName,
    params: parseParams(query, 'appParams'),
    allowAnyName: true,
  });
}
